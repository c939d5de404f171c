from django.db import migrations

from tinhso.core.ledger.tables import pruning_sql


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(pruning_sql())]
