from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cameras", "0006_snapshot_of_an_alert")]

    operations = [
        migrations.AddField(
            model_name="camera",
            name="watch_hours",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="camera",
            name="motion_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
