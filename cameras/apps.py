from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "cameras"
    verbose_name = "Mắt camera"

    def ready(self) -> None:
        from cameras.viewminutes import view_minutes_verify
        from neighborhoods.audit_chain import COMPARISONS

        COMPARISONS.append(view_minutes_verify)
