"""``make bench-export``: an hour of eight cameras packed as evidence, against ``cp`` and ``sha256sum`` of those bytes.

The slices are written by the store's own writer from encoded frames of about 1.2 Mbit/s. Both ways read the same files,
warm, in turn, each into a folder of its own that is removed afterwards; ours is a process of its own, whose largest
memory the kernel tells. ``--minutes`` and ``--cameras`` make it smaller; ``--c2pa`` puts content credentials into each
file.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Report, median

MBITS = 1.2
SPEED, MEMORY_MB = 0.7, 200.0
COLUMNS = [
    ("round", "round", "d"), ("megabytes", "MB", ".0f"), ("peer_s", "cp + sha256sum s", ".2f"),
    ("ours_s", "package s", ".2f"), ("ratio", "speed, ratio", ".2f"), ("memory_mb", "memory MB", ".0f"),
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--c2pa", action="store_true")
    parser.add_argument("--pack", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pack:
        print(*_pack(Path(options.pack[0]), Path(options.pack[1]), c2pa=options.c2pa))
        return 0
    need = int(options.cameras * options.minutes * 60 * MBITS / 8 * 1e6 * 2.3)
    folder = Path(tempfile.mkdtemp(prefix="matpho-export-"))
    try:
        if shutil.disk_usage(folder).free < need:
            sys.exit(f"needs {need / 1e9:.1f} GB under {folder.parent}: make it smaller with --minutes or --cameras")
        return _rounds(folder, options.cameras, options.minutes, options.rounds, c2pa=options.c2pa)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rounds(folder: Path, cameras: int, minutes: int, rounds: int, *, c2pa: bool) -> int:
    report, store, out = Report("export", COLUMNS), folder / "store", folder / "out"
    _record(store, cameras, minutes)
    size = sum(path.stat().st_size for path in store.rglob("*.mp4")) / 1e6
    ratios, memories = [], []
    for number in range(1, rounds + 1):
        peer = _peer(store, out)
        shutil.rmtree(out)
        command = [sys.executable, "-m", "bench.export", "--pack", str(store), str(out), *(["--c2pa"] if c2pa else [])]
        took, memory = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
        shutil.rmtree(out)
        ratios.append(peer / took)
        memories.append(memory)
        report.row(round=number, megabytes=size, peer_s=peer, ours_s=took, ratio=peer / took, memory_mb=memory)
    report.check("speed against cp + sha256sum", median(ratios), SPEED, at_most=False)
    report.check("largest memory, MB", max(memories), MEMORY_MB, at_most=True)
    return report.finish()


def _peer(store: Path, out: Path) -> float:
    """Copy every media file and hash the copies, as an officer does by hand; seconds, synced."""
    out.mkdir()
    files = [str(path) for path in sorted(store.rglob("*.mp4"))]
    begun = time.monotonic()
    subprocess.run(["cp", *files, str(out)], check=True)
    subprocess.run(["sync", "-f", str(out)], check=True)
    copies = [str(path) for path in sorted(out.iterdir())]
    subprocess.run(["sha256sum", *copies], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def _pack(store: Path, out: Path, *, c2pa: bool) -> tuple[float, float]:
    """Seconds, and the largest memory in MB."""
    from cameras.evidence.package import package_write  # noqa: PLC0415  (what it needs is its own process's)
    from tests.cameras.evidence.packing import FACTS, KEY, rooted, take  # noqa: PLC0415

    folders = sorted(path for path in store.iterdir() if path.name != "init")
    begun = time.monotonic()
    takes = [take(folder, f"K{number}") for number, folder in enumerate(folders, start=1)]
    proven, audit = rooted(takes)
    claims = None
    if c2pa:
        from cameras.evidence.c2pa_claim import claims_of  # noqa: PLC0415  (its library takes memory)

        claims = claims_of(FACTS, key=KEY, product=("bench", "0"))
    package_write(out, proven, FACTS | {"audit": audit}, key=KEY, claims=claims)
    took = time.monotonic() - begun
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _record(store: Path, cameras: int, minutes: int) -> None:
    """Slices of a minute, as a recorder writes them: ten seconds of encoded pictures, filled up to the rate, again and
    again."""
    from cameras.video.fmp4 import TIMESCALE, Frame, Muxer  # noqa: PLC0415
    from tests.cameras.store.footage import WALL_US, Recording, encoded  # noqa: PLC0415

    stream = encoded()
    wanted = int(MBITS * 1e6 / 8 / 15)
    frames = [_filled(frame.data, wanted) for frame in stream.frames]
    for _camera in range(cameras):
        one, muxer = Recording(store, slice_seconds=60.0), Muxer()
        for turn in range(minutes * 6):
            at = turn * 10 * TIMESCALE
            for frame, data in zip(stream.frames, frames, strict=True):
                moved = Frame(data, frame.pts + at, frame.dts + at, frame.key)
                made = muxer.add(moved, WALL_US + (frame.dts + at) * 1_000_000 // TIMESCALE)
                if made is not None:
                    one.writer.write(made, stream.init)
        one.close()


def _filled(data: bytes, wanted: int) -> bytes:
    """A frame with a filler NAL unit (type 12) behind it, ``wanted`` bytes long."""
    missing = wanted - len(data) - 6
    return data if missing <= 0 else data + (missing + 2).to_bytes(4, "big") + b"\x0c" + b"\xff" * missing + b"\x80"


if __name__ == "__main__":
    sys.exit(main())
