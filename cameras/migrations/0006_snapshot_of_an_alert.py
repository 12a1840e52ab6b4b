import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cameras", "0005_snapshot_bytes"),
        ("neighborhoods", "0002_outbox_attempts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="snapshot",
            name="device",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="neighborhoods.device"
            ),
        ),
    ]
