"""What the province offers is counted apart from pages about what others decide."""

from django.db import migrations, models

COUNTED = """
UPDATE procedures_procedureversion version SET notice = notice || '{"others": true}'
FROM procedures_procedure procedure JOIN procedures_nationalrow row ON row.code = procedure.code
WHERE procedure.id = version.procedure_id AND row.state = 'information'
    AND version.origin = 'national' AND version.notice <> '{}';

UPDATE procedures_procedureversion SET facets = facets || ('offered:' || online)::varchar
WHERE NOT facets @> ARRAY['level:ministry']::varchar[] AND notice -> 'others' IS NULL;

UPDATE procedures_procedure procedure SET facets = version.facets FROM procedures_procedureversion version
WHERE version.procedure_id = procedure.id AND version.withdrawn_at IS NULL;

INSERT INTO procedures_facet (key, name, name_en, services)
SELECT 'offered:' || online, online, '', count(*) FILTER (WHERE withdrawn_at IS NULL)
FROM procedures_procedureversion WHERE facets @> ARRAY['offered:' || online]::varchar[] GROUP BY online;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('procedures', '0004_designing'),
    ]

    operations = [
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='procedureversion',
            name='notice',
            field=models.JSONField(default=dict, help_text='Why one cannot apply here, and where to go: {why, place}; others: not ours'),
        ),
    ]
