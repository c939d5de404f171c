from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0007_cancelled")]

    operations = [
        migrations.AddIndex(
            model_name="supplement",
            index=models.Index(
                condition=models.Q(("received_at", None)), fields=["until"], name="supplement_waiting"
            ),
        )
    ]
