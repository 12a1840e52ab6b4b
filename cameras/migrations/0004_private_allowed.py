from django.db import migrations, models


def of_staff(apps, schema_editor):
    """Cameras that a leader or operator registered keep their place in the LAN; a household's own are judged anew."""
    named = apps.get_model("cameras", "Rendition").objects.filter(camera__created_by__isnull=False)
    named.update(private_allowed=True)


class Migration(migrations.Migration):
    dependencies = [("cameras", "0003_view_sessions_by_end")]

    operations = [
        migrations.AddField(
            model_name="rendition",
            name="private_allowed",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(of_staff, migrations.RunPython.noop),
    ]
