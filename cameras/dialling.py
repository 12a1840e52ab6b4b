"""The dial guard as this installation is set up: on which ports, and at which exact addresses, cameras may be dialled.

One place reads the two settings, so that an address is judged alike when it is typed, tried, approved and dialled.
"""

from django.conf import settings

from cameras.ingest import guard


def judge(url: str, *, private: bool) -> guard.Dial:
    """Where ``url`` may be dialled, name look-up included: not inside a transaction.

    ``private`` addresses are for those that a leader or operator named. Raises ``guard.AddressRefused``.
    """
    config = settings.CONFIG
    ports = [int(port) for port in config.list_of("CAMERA_PORTS")]
    return guard.check(url, allow=config.list_of("CAMERA_ALLOW"), ports=ports, private=private)
