"""Settings of a test process: its own data folder, its own Valkey, SQLite or a PostgreSQL the tests start themselves.

``pytest --db=postgres`` (or ``TEST_DB=postgres``) picks the database; processes of a parallel run inherit it.
"""

import os
import sys
import tempfile

if "--db=postgres" in sys.argv:
    os.environ["TEST_DB"] = "postgres"

_folder = tempfile.mkdtemp(prefix="mp-", dir="/tmp")  # short: unix socket paths end at 108 bytes
os.environ["DATA_DIR"] = _folder
os.environ["REDIS_URL"] = f"unix://{_folder}/valkey.sock"
os.environ["DATABASE_URL"] = ""
if os.environ.get("TEST_DB") == "postgres":
    os.environ["DATABASE_URL"] = f"postgres://matpho@%2Ftmp%2F{_folder.removeprefix('/tmp/')}/matpho"

from backend.settings import *  # noqa: E402, F403
from backend.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and child processes of a test open it too.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
