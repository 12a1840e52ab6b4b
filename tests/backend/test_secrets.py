"""The file of secrets: made once, completed once where an older version made it, the same for every process."""

import json
import subprocess
import sys
from pathlib import Path

from backend.lib import secretfile
from backend.lib.config import ROOT

READ = """
import sys
from pathlib import Path
from backend.lib import secretfile
print("ready", flush=True)
sys.stdin.readline()
print(secretfile.load(Path(sys.argv[1])).vapid_key.hex())
"""


def older(folder: Path) -> Path:
    """A file from before there was push."""
    secretfile.load(folder)
    path = folder / "secrets.json"
    raw = json.loads(path.read_text())
    del raw["vapid_key"]
    path.write_text(json.dumps(raw))
    return path


def test_an_older_file_is_given_a_push_key_and_keeps_the_rest(tmp_path: Path) -> None:
    path = older(tmp_path)
    before = json.loads(path.read_text())
    first, second = secretfile.load(tmp_path), secretfile.load(tmp_path)
    assert first == second and len(first.vapid_key) == 32
    after = json.loads(path.read_text())
    assert {name: after[name] for name in before} == before and set(after) - set(before) == {"vapid_key"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["secrets.json"]


def test_processes_that_start_together_agree_on_it(tmp_path: Path) -> None:
    older(tmp_path)
    started = [
        subprocess.Popen([sys.executable, "-c", READ, str(tmp_path)], cwd=ROOT, text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(6)
    ]  # fmt: skip
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = {one.communicate(timeout=20)[0].strip() for one in started}
    assert said == {secretfile.load(tmp_path).vapid_key.hex()}
