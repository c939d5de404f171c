from django.db import migrations, models

from tinhso.core.ledger.tables import create_sql


def entry(name: str, table: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.UUIDField(primary_key=True, serialize=False)),
            ("cause", models.UUIDField()),
            ("event", models.CharField(max_length=80)),
            ("version", models.SmallIntegerField()),
            ("subject_kind", models.CharField(max_length=60)),
            ("subject_id", models.UUIDField()),
            ("actor", models.CharField(max_length=80)),
            ("agency_id", models.UUIDField(null=True)),
            ("at", models.DateTimeField(help_text="When it happened, by the actor's clock")),
            ("recorded_at", models.DateTimeField(help_text="When the database took it in")),
            ("serial", models.BigIntegerField()),
            ("payload", models.TextField(help_text="Canonical bytes; what a seal covers")),
        ],
        options={"abstract": False, "managed": False, "db_table": table},
    )


def position(name: str, table: str, of: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("position", models.BigIntegerField(primary_key=True, serialize=False)),
            ("leaf", models.BinaryField(help_text="RFC 9162 leaf hash of the entry's payload")),
            ("entry", models.OneToOneField(on_delete=models.DO_NOTHING, to=f"ledger.{of}")),
        ],
        options={"abstract": False, "managed": False, "db_table": table},
    )


def seal(name: str, table: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("number", models.BigIntegerField(primary_key=True, serialize=False)),
            ("first", models.BigIntegerField()),
            ("last", models.BigIntegerField()),
            ("root", models.BinaryField()),
            ("previous", models.BinaryField(help_text="SHA-256 of the previous seal's body")),
            ("at", models.DateTimeField()),
            ("body", models.TextField(help_text="Canonical bytes that are signed")),
            ("signature", models.BinaryField()),
        ],
        options={"abstract": False, "managed": False, "db_table": table},
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(create_sql(), migrations.RunSQL.noop),
        entry("Entry", "ledger_entry"),
        entry("AccessEntry", "ledger_accessentry"),
        position("Position", "ledger_position", "entry"),
        position("AccessPosition", "ledger_accessposition", "accessentry"),
        seal("Seal", "ledger_seal"),
        seal("AccessSeal", "ledger_accessseal"),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField(db_index=True)),
                ("words", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("consumer", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(default=0)),
                (
                    "error",
                    models.TextField(default="", help_text="Why it stands still; empty while it runs"),
                ),
            ],
        ),
    ]
