import django.db.models.deletion
from django.db import migrations, models

import tinhso.core.ledger.actions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("dossiers", "0010_notes"),
        ("files", "0003_origin"),
    ]

    operations = [
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.UUIDField(default=tinhso.core.ledger.actions.new_id, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(help_text="As its bundle calls it", max_length=40)),
                ("joint", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dossiers.dossier")),
                ("dossier", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dossiers.dossier")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("joint", "key"), name="linked_part_once")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.UUIDField(default=tinhso.core.ledger.actions.new_id, editable=False, primary_key=True, serialize=False)),
                ("agency", models.CharField(help_text="Who decided", max_length=200)),
                ("number", models.CharField(help_text="Of its paper or card", max_length=60)),
                ("day", models.DateField(help_text="On which it decided")),
                ("words", models.TextField(blank=True)),
                ("dossier", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dossiers.dossier")),
                ("file", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.filelink")),
            ],
        ),
    ]
