from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "cameras"
    verbose_name = "Mắt camera"

    def ready(self) -> None:
        from cameras import belongings as ours
        from cameras import funded, holdings
        from cameras.footage import packages, packing
        from cameras.store.roots import slice_roots_verify
        from cameras.viewminutes import view_minutes_verify
        from neighborhoods import belongings, erasure, jobs, owndata
        from neighborhoods.audit_chain import COMPARISONS
        from neighborhoods.fund.expenses import KNOWS_CAMERA

        COMPARISONS.extend([view_minutes_verify, slice_roots_verify])
        jobs.RUNNERS[packages.KIND] = packing.package_make
        KNOWS_CAMERA.append(funded.knows)
        owndata.HOLDINGS.extend(holdings.HOLDINGS)
        erasure.ERASERS.append(holdings.erase)
        belongings.MOVES.extend(ours.MOVES)
        belongings.OF_WARD.extend(ours.OF_WARD)
