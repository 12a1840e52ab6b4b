from django.apps import AppConfig


class NeighborhoodsConfig(AppConfig):
    name = "neighborhoods"
    verbose_name = "Tổ dân phố"

    def ready(self) -> None:
        from neighborhoods import checks, codesheets, jobs, owndata, triggers  # noqa: F401  (checks registers itself)
        from neighborhoods.audit_chain import COMPARISONS
        from neighborhoods.fund import holdings, statement_job, statements, verification

        triggers.connect(self)
        COMPARISONS.append(verification.ledger_faults)
        jobs.RUNNERS[codesheets.KIND] = codesheets.run
        jobs.RUNNERS[statements.KIND] = statements.run
        jobs.RUNNERS[statement_job.JOB] = statement_job.statement_run
        owndata.HOLDINGS.extend(holdings.HOLDINGS)
