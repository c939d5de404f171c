"""Failures, and procrastinate's notifications switched off.

The insert and abort triggers call NOTIFY, which takes one lock for the whole database at
commit: 581 commits a second become 171 at a 5 ms fsync. Workers poll instead. A procrastinate
upgrade that makes the triggers anew is caught by tests/core/jobs.
"""

from django.db import migrations, models

TRIGGERS = ("procrastinate_jobs_notify_queue_job_inserted_v1", "procrastinate_jobs_notify_queue_job_aborted_v1")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("procrastinate", "0041_post_retry_failed_job")]
    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("job", models.CharField(help_text="Name of the job", max_length=128)),
                ("error", models.CharField(help_text="Class of the error, or the code of a refusal", max_length=120)),
                ("place", models.CharField(blank=True, help_text="Where in our code it happened", max_length=200)),
                ("at", models.DateTimeField()),
                ("skipped_at", models.DateTimeField(help_text="When a person decided to leave it undone", null=True)),
            ],
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {trigger}",
                f"ALTER TABLE procrastinate_jobs ENABLE TRIGGER {trigger}",
            )
            for trigger in TRIGGERS
        ],
    ]
