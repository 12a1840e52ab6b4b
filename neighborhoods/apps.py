from django.apps import AppConfig


class NeighborhoodsConfig(AppConfig):
    name = "neighborhoods"
    verbose_name = "Tổ dân phố"

    def ready(self) -> None:
        from neighborhoods import (
            checks,  # noqa: F401  (registers itself)
            codesheets,
            grants,
            jobs,
            owndata,
            people_import,
            registrations,
            triggers,
        )
        from neighborhoods.audit_chain import COMPARISONS
        from neighborhoods.auditing import copies, export_job
        from neighborhoods.fund import bank_statements, holdings, statement_job, verification

        triggers.connect(self)
        grants.connect(self)
        COMPARISONS.append(verification.ledger_faults)
        COMPARISONS.append(copies.folder_faults)
        jobs.RUNNERS[export_job.JOB] = export_job.export_run
        jobs.RUNNERS[codesheets.KIND] = codesheets.run
        jobs.RUNNERS[people_import.KIND] = people_import.run
        jobs.RUNNERS[bank_statements.KIND] = bank_statements.run
        jobs.RUNNERS[statement_job.JOB] = statement_job.statement_run
        owndata.HOLDINGS.extend(holdings.HOLDINGS)
        owndata.HOLDINGS.append(owndata.Holding("registrations", registrations.registrations))
