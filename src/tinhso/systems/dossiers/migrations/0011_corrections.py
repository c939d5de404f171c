import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0010_notes")]

    operations = [
        migrations.AddField(
            "dossier",
            "correct_by",
            models.DateTimeField(help_text="Until when a mistake in its returned result is corrected", null=True),
        ),
        migrations.AddField(
            "result",
            "version",
            models.PositiveSmallIntegerField(default=1, help_text="From 2 on it corrects the one before"),
        ),
        migrations.AddField(
            "result",
            "returned_at",
            models.DateTimeField(help_text="Of one that corrects; the first, with its dossier", null=True),
        ),
        migrations.AddField(
            "result",
            "replaced_at",
            models.DateTimeField(help_text="A corrected one was issued in its place; it is kept", null=True),
        ),
        migrations.AlterField(
            "result",
            "dossier",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="results",
                to="dossiers.dossier",
            ),
        ),
        migrations.AddIndex(
            "result",
            models.Index(condition=Q(("version__gt", 1)), fields=["issued_at"], name="result_corrected"),
        ),
        migrations.AddConstraint(
            "result", models.UniqueConstraint(fields=("dossier", "version"), name="result_of_version")
        ),
    ]
