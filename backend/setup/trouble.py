"""How set-up says that it cannot go on."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class SetupTrouble(Exception):
    """Set-up stops here. The text says what was wrong and what to do; it is shown without a traceback."""


def run(
    command: Sequence[str | Path], what: str, *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> None:
    """Run ``command`` quietly; raises ``SetupTrouble`` with its last lines where it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise SetupTrouble(f"{what} failed ({Path(command[0]).name} ended with {done.returncode}):\n{tail}")
