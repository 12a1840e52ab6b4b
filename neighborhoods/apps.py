from django.apps import AppConfig


class NeighborhoodsConfig(AppConfig):
    name = "neighborhoods"
    verbose_name = "Tổ dân phố"

    def ready(self) -> None:
        from neighborhoods import checks, codesheets, jobs, triggers  # noqa: F401  (registers a system check)

        triggers.connect(self)
        jobs.RUNNERS[codesheets.KIND] = codesheets.run
