"""``python3 -m backend.setup run`` before a start, ``… test`` before the tests, ``… lint`` before the linters;
``… lock`` pins the packages anew."""

import sys

from backend.setup.lock import lock
from backend.setup.messages import messages_ensure
from backend.setup.python import DEV, RUN, venv_ensure
from backend.setup.scripts import scripts_ensure
from backend.setup.system import system_ensure
from backend.setup.trouble import SetupTrouble


def main(purpose: str) -> int:
    try:
        if purpose == "lock":
            lock()
            return 0
        venv_ensure(RUN if purpose == "run" else DEV)
        if purpose in ("run", "test"):
            scripts_ensure(peers=purpose == "test")
        messages_ensure()
        if purpose == "test":
            system_ensure()
    except SetupTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
