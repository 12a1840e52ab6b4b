"""Set-up work that needs Django, in one process: tables, static files, the demonstration or the set-up link.

``python -m backend.prepare``, started by the supervisor. A stamp lets later starts skip it: see
``backend.prepared``.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.core.management import call_command

from backend import prepared
from backend.lib import logs
from backend.lib.config import Config


def main() -> int:
    config = Config.from_env()
    logs.configure("prepare", config.LOG_LEVEL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    django.setup()
    with ThreadPoolExecutor(1) as beside:  # compressing waits for nobody and lets the interpreter go
        statics = beside.submit(call_command, "collectstatic", interactive=False, verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        if config.demo:
            call_command("load_demo", port=prepared.demo_port(config), verbosity=0)
        else:
            call_command("setup_link", verbosity=0)
        statics.result()
    prepared.put_stamp(config)
    return 0


if __name__ == "__main__":
    sys.exit(main())
