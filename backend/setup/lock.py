"""``make lock``: pin every package anew, with hashes.

No registry's host stands in what is written: uv leaves index addresses and links out, npm the download addresses, so
each machine asks the registry it is configured for. uv itself is pinned in ``requirements-lock.txt``.
"""

import shutil

from backend.setup.python import BUILD, ROOT, venv_make
from backend.setup.scripts import npm
from backend.setup.trouble import run

INPUTS = ("requirements", "requirements-dev", "requirements-node", "requirements-lock")


def lock() -> None:
    """Recompile ``requirements*.txt`` and ``package-lock.json``, taking newer versions where the inputs allow them."""
    python = venv_make(BUILD / "lock")
    run(
        [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements-lock.txt"],
        "Installing uv",
    )
    for name in INPUTS:
        print(f"{name}.txt", flush=True)
        run(
            [python.parent / "uv", "pip", "compile", "--upgrade", "--generate-hashes", "--no-header", "--quiet",
             "--system-certs", "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11",
             f"{name}.in", "-o", f"{name}.txt"],
            f"Compiling {name}.in", cwd=ROOT,
        )  # fmt: skip
    print("package-lock.json", flush=True)
    workshop = BUILD / "npm-lock"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    shutil.copy(ROOT / "package.json", workshop)
    run(
        [*npm(), "install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts",
         "--no-audit", "--no-fund"],
        "Locking the page scripts", cwd=workshop,
    )  # fmt: skip
    shutil.copy(workshop / "package-lock.json", ROOT)
