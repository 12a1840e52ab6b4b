from django.db import migrations, models

import backend.lib.clock


def told_by_nobody(apps, schema_editor):
    """Until now nobody read the outbox: what lies there is history, and no news when the first dispatcher starts."""
    rows = apps.get_model("neighborhoods", "OutboxRow").objects.using(schema_editor.connection.alias)
    rows.filter(done_at=None).update(done_at=models.F("at"))


class Migration(migrations.Migration):
    dependencies = [
        ("neighborhoods", "0001_initial"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="outboxrow",
            name="claimed_at",
        ),
        migrations.RemoveField(
            model_name="outboxrow",
            name="claimed_by",
        ),
        migrations.AddField(
            model_name="outboxrow",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="outboxrow",
            name="due_at",
            field=models.DateTimeField(default=backend.lib.clock.now),
        ),
        migrations.RunPython(told_by_nobody, migrations.RunPython.noop),
    ]
