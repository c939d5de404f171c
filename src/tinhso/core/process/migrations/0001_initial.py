import django.db.models.deletion
import tinhso.core.ledger.actions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agencies', '0002_staff'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Definition',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('body', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=tinhso.core.ledger.actions.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=60)),
                ('subject_id', models.UUIDField()),
                ('step', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=80)),
                ('who', models.CharField(blank=True, max_length=200)),
                ('what', models.CharField(blank=True, max_length=300)),
                ('role', models.CharField(blank=True, max_length=20)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='Of this step', null=True)),
                ('subject_due_at', models.DateTimeField(help_text='Promised to the applicant', null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.CharField(blank=True, max_length=80)),
                ('outcome', models.CharField(blank=True, max_length=40)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency')),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to=settings.AUTH_USER_MODEL)),
                ('definition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='process.definition')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['agency', 'role', 'due_at', 'id'], name='task_inbox'), models.Index(condition=models.Q(('closed_at', None)), fields=['assignee', 'due_at', 'id'], name='task_mine'), models.Index(condition=models.Q(('closed_at', None)), fields=['due_at'], name='task_due'), models.Index(fields=['subject_id', 'opened_at'], name='task_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(('closed_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='task_closed_with_outcome'), models.CheckConstraint(condition=models.Q(('role', ''), ('due_at__isnull', False), _connector='OR'), name='task_of_staff_is_due'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('subject_id', 'step'), name='task_open_once')],
            },
        ),
    ]
