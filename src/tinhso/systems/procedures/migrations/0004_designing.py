import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('procedures', '0003_offered'),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='edition',
            field=models.PositiveIntegerField(default=1, help_text='Rises with every change that is kept'),
        ),
        migrations.AddField(
            model_name='revision',
            name='editors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text='Accounts that changed it: none of them reviews', size=None),
        ),
        migrations.CreateModel(
            name='RevisionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.PositiveIntegerField()),
                ('data', models.JSONField()),
                ('checklist', models.JSONField()),
                ('by', models.CharField(help_text='Who changed it then', max_length=80)),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='procedures.revision')),
            ],
            options={
                'verbose_name': 'earlier state of a revision',
                'verbose_name_plural': 'earlier states of revisions',
                'constraints': [models.UniqueConstraint(fields=('revision', 'edition'), name='revision_step_once')],
            },
        ),
    ]
