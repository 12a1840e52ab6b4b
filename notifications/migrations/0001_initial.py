import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.lib.clock
import backend.lib.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cameras", "0006_snapshot_of_an_alert"),
        ("neighborhoods", "0002_outbox_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertEndpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=80)),
                ("secret", models.BinaryField()),
                ("categories", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=backend.lib.clock.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "neighborhood",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alert_endpoints",
                        to="neighborhoods.neighborhood",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("category", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("raised", "Raised"),
                            ("acknowledged", "Acknowledged"),
                            ("resolved", "Resolved"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="raised",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("resident", "Resident"),
                            ("leader", "Leader"),
                            ("officer", "Officer"),
                            ("street_worker", "Street Worker"),
                            ("camera", "Camera"),
                            ("system", "System"),
                        ],
                        max_length=16,
                    ),
                ),
                ("endpoint_event", models.CharField(blank=True, max_length=80)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("latitude", models.FloatField(blank=True, null=True)),
                ("longitude", models.FloatField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("occurred_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("reports", models.PositiveIntegerField(default=1)),
                ("text_released_at", models.DateTimeField(blank=True, null=True)),
                ("clip_released_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("used", "Used"),
                            ("not_used", "Not Used"),
                            ("false", "False"),
                            ("duplicate", "Duplicate"),
                        ],
                        max_length=10,
                    ),
                ),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                ("escalation", models.PositiveSmallIntegerField(default=0)),
                ("escalate_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("cameras", models.ManyToManyField(blank=True, related_name="alerts", to="cameras.camera")),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="neighborhoods.device",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="neighborhoods.household",
                    ),
                ),
                (
                    "neighborhood",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="neighborhoods.neighborhood",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="neighborhoods.ward"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="notifications.alertendpoint",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="AlertReport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("resident", "Resident"),
                            ("leader", "Leader"),
                            ("officer", "Officer"),
                            ("street_worker", "Street Worker"),
                            ("camera", "Camera"),
                            ("system", "System"),
                        ],
                        max_length=16,
                    ),
                ),
                ("endpoint_event", models.CharField(blank=True, max_length=80)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="joined", to="notifications.alert"
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="neighborhoods.device",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notifications.alertendpoint",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="neighborhoods.household",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="notifications.alert"
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="neighborhoods.device"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quiet_from", models.TimeField(blank=True, null=True)),
                ("quiet_to", models.TimeField(blank=True, null=True)),
                ("muted", models.JSONField(default=list)),
                ("sound", models.BooleanField(default=True)),
                ("vibration", models.BooleanField(default=True)),
                ("digest", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=backend.lib.clock.now)),
                (
                    "device",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to="neighborhoods.device",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PushSend",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("carrier", models.CharField(default="webpush", max_length=12)),
                ("key", models.CharField(max_length=60)),
                ("payload", models.JSONField()),
                ("topic", models.CharField(blank=True, max_length=32)),
                ("urgency", models.CharField(default="normal", max_length=8)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("due", "Due"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("gone", "Gone"),
                            ("failed", "Failed"),
                        ],
                        default="due",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField(default=backend.lib.clock.now)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="notifications.alert",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="neighborhoods.device"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("endpoint", models.CharField(max_length=1000)),
                ("p256dh", models.CharField(max_length=120)),
                ("auth", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField(default=backend.lib.clock.now)),
                ("failed_since", models.DateTimeField(blank=True, null=True)),
                (
                    "device",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscription",
                        to="neighborhoods.device",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("neighborhood", "Neighborhood"),
                            ("stewards", "Stewards"),
                            ("ward", "Ward"),
                            ("duty", "Duty"),
                            ("household", "Household"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("head", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "subject_id"), name="stream_once")],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("seq", models.PositiveBigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
                ("outbox_id", models.UUIDField()),
                ("created_at", models.DateTimeField(db_index=True, default=backend.lib.clock.now)),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="notifications.alert",
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="notifications.stream"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AlertClip",
            fields=[
                (
                    "id",
                    models.UUIDField(default=backend.lib.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="clips", to="notifications.alert"
                    ),
                ),
                (
                    "camera",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cameras.camera"
                    ),
                ),
                (
                    "snapshot",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="alert_clip",
                        to="cameras.snapshot",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("alert", "camera"), name="alert_clip_once")],
            },
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["neighborhood", "-raised_at"], name="alert_by_place"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("escalate_at__isnull", False)), fields=["escalate_at"], name="alert_to_escalate"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["state", "expires_at"], name="alert_to_expire"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("endpoint__isnull", False)),
                fields=("endpoint", "endpoint_event"),
                name="alert_webhook_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("endpoint__isnull", False)),
                fields=("endpoint", "endpoint_event"),
                name="alert_report_webhook_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("alert", "device"), name="delivery_once"),
        ),
        migrations.AddIndex(
            model_name="pushsend",
            index=models.Index(fields=["status", "due_at"], name="push_waiting"),
        ),
        migrations.AddConstraint(
            model_name="pushsend",
            constraint=models.UniqueConstraint(fields=("device", "carrier", "key"), name="push_send_once"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("stream", "seq"), name="event_seq_once"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("stream", "outbox_id", "kind"), name="event_told_once"),
        ),
    ]
