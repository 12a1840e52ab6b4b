from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cameras", "0004_private_allowed")]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="bytes",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
