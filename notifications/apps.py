from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from neighborhoods import belongings, erasure, owndata
        from notifications import belongings as ours
        from notifications import checks, holdings  # noqa: F401  (checks registers a system check)

        owndata.HOLDINGS.extend(holdings.HOLDINGS)
        erasure.ERASERS.append(holdings.erase)
        belongings.MOVES.extend(ours.MOVES)
        belongings.OF_WARD.extend(ours.OF_WARD)
        belongings.WARD_FOLLOWS.extend(ours.WARD_FOLLOWS)
