from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0004_businesses")]

    operations = [
        migrations.AddIndex("dossier", models.Index(fields=["-submitted_at", "-id"], name="dossier_newest")),
        migrations.AddIndex("dossier", models.Index(fields=["agency", "finished_at"], name="dossier_finished")),
    ]
