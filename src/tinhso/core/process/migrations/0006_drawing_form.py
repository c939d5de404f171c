from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('process', '0005_task_definition_without_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='drawing',
            name='form',
            field=models.CharField(blank=True, help_text='Whose questions its conditions choose from: asked', max_length=160),
        ),
    ]
