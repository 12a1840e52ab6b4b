"""``python -m tests.notifications.scene``: the cast in an empty database; prints An's token, and dispatches an alert
for each line it reads. For tests that freeze the database, which must not be the one the test itself uses.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from tests.cast import make_cast  # noqa: E402
from tests.notifications.sockets import happen  # noqa: E402


def main() -> None:
    cast = make_cast()
    print(json.dumps({"token": cast.an.token}), flush=True)
    for _line in sys.stdin:
        happen(cast)


if __name__ == "__main__":
    main()
