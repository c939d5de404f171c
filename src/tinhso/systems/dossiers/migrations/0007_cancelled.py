from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0006_roads")]

    operations = [
        migrations.AddField(
            model_name="result",
            name="cancelled_at",
            field=models.DateTimeField(help_text="It is kept, and whoever verifies it is told", null=True),
        )
    ]
