import django.contrib.postgres.fields
import django.db.models.deletion
import tinhso.core.ledger.actions
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("agencies", "0003_substitutes_and_successors"),
        ("dossiers", "0011_corrections"),
        ("files", "0001_initial"),
        ("numbering", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.UUIDField(default=tinhso.core.ledger.actions.new_id, editable=False, primary_key=True, serialize=False)),
                ("level", models.PositiveSmallIntegerField(default=1, help_text="2: not content with the answer to the first")),
                ("kind", models.CharField(choices=[("complaint", "Complaint: a decision or act was against the law and harms me"), ("reflection", "Reflection: something went badly and should be better")], max_length=12)),
                ("about", models.CharField(choices=[("decision", "The decision, or how long it took"), ("counter", "The counter where I handed it in")], max_length=12)),
                ("words", models.TextField()),
                ("involved", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text="Accounts that had the dossier in hand", size=None)),
                ("state", models.CharField(choices=[("filed", "Received by the agency"), ("taken_on", "Being looked into"), ("signed", "Answered, being sealed"), ("answered", "Has been answered"), ("withdrawn", "Withdrawn")], default="filed", max_length=10)),
                ("filed_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="By when it is taken on, then by when it is answered")),
                ("taken_on_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, choices=[("right", "It is right"), ("partly", "It is partly right"), ("wrong", "It is not right"), ("not_taken_on", "It cannot be taken on")], max_length=12)),
                ("answer", models.TextField(blank=True)),
                ("revision", models.PositiveSmallIntegerField(default=0)),
                ("signed_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("account", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("agency", models.ForeignKey(help_text="Which answers", on_delete=PROTECT, related_name="+", to="agencies.agency")),
                ("answer_number", models.OneToOneField(null=True, on_delete=PROTECT, related_name="+", to="numbering.number")),
                ("complained", models.ForeignKey(help_text="Whose doing it is about", on_delete=PROTECT, related_name="+", to="agencies.agency")),
                ("dossier", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dossiers.dossier")),
                ("draft", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="files.filelink")),
                ("issued", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="files.filelink")),
                ("number", models.OneToOneField(help_text="Of the receipt", on_delete=PROTECT, related_name="+", to="numbering.number")),
                ("signed", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="files.filelink")),
                ("signer", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="agencies.staff")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dossier", "filed_at"], name="complaint_of_dossier"),
                    models.Index(fields=["agency", "-filed_at", "-id"], name="complaint_of_agency"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=Q(("state__in", ("filed", "taken_on", "signed"))), fields=("dossier",), name="complaint_one_open"),
                    models.CheckConstraint(condition=Q(("kind__in", ["complaint", "reflection"])), name="complaint_kind"),
                    models.CheckConstraint(condition=Q(("state__in", ["filed", "taken_on", "signed", "answered", "withdrawn"])), name="complaint_state"),
                ],
            },
        ),
    ]
