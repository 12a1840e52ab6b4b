"""``make bench-soak``: other people's players on the whole product, for long, without a new sign-in.

``--minutes`` of live (15) in hls.js on the real camera page, ffmpeg and GStreamer at once, each with one view session,
beside a client that holds the playlist against RFC 8216 all the time; half way the recorder's worker is killed with
``kill -9``, and everybody must go on. Then everything recorded meanwhile, and ``--replay-minutes`` (60) of the past,
each in one view session: by ffmpeg and GStreamer as fast as they can, by hls.js at ``--rate`` (8).

``--url --code`` take a product that runs already; then nothing is killed and only what it has recorded is replayed.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.report import Report
from bench.rig import rfc8216
from bench.rig.footage import footage_make
from bench.rig.livewatch import LiveWatch, Watched
from bench.rig.players import Ffmpeg, GStreamer, Played
from bench.rig.resident import Resident
from bench.rig.screen import Screen
from bench.rig.workers import worker_kill
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, Product

COLUMNS = [
    ("what", "what", ""), ("player", "player", ""), ("wall_s", "wall s", ".0f"), ("seconds", "played s", ".1f"),
    ("frames", "frames", "d"), ("stalls", "stalls", "d"), ("stalled_s", "stalled s", ".1f"),
    ("sessions", "sessions", "d"), ("errors", "errors", "d"),
]  # fmt: skip
WARM_UP_S = 20.0
"""Recorded before anybody looks: a live window is six segments."""
MISSED_S = 15.0
"""Live media that a player may have less than the wall clock: its start, its distance from the edge at the end, and
what was not recorded while no worker lived."""
STANDS_S = 5.0
"""As long may a live picture stand in all: the worker's death costs two or three seconds, and players hold four."""
SEGMENT_S = 2.0
SETTLED = timedelta(seconds=6)
"""A replay ends so long before the present: three sessions of a range that still grows would differ by a segment."""


@dataclass(slots=True)
class Soak:
    base: str
    code: str
    product: Product | None
    browser: Browser
    rate: float
    report: Report

    def live(self, seconds: float) -> tuple[str, datetime, datetime]:
        """All players at once; the camera watched, and from when to when."""
        resident, screen = Resident(self.base, self.code), Screen(self.browser, self.base, self.code)
        camera, url = resident.live_camera()
        began = time.monotonic()
        since = datetime.now(UTC)
        watch = LiveWatch(url).start()
        players = [Ffmpeg(resident.live(camera), decode=False), GStreamer(resident.live(camera), live=True)]
        screen.live(camera)
        killed = False
        while (passed := time.monotonic() - began) < seconds:
            if self.product is not None and not killed and passed > seconds / 2:
                killed = worker_kill(self.product.process.pid, camera)
            _say(passed, seconds, watch.seen, players, screen)
            screen.wait(min(5.0, seconds - passed) if seconds - passed > 0.1 else 0.1)
        until = datetime.now(UTC)
        rows = [player.stop() for player in players]
        rows.append(screen.played(time.monotonic() - began, screen.opened))
        self._judge_live(watch.stop(), rows, seconds, killed)
        self.report.check("sign-ins of the app in all that time", resident.sign_ins, 1, at_most=True)
        screen.close()
        resident.close()
        return camera, since, until

    def _judge_live(self, seen: Watched, rows: list[Played], seconds: float, killed: bool) -> None:
        report = self.report
        for played in rows:
            report.row(**played.as_row("live"))
            report.check(f"live, {played.player}: seconds played", played.seconds, seconds - MISSED_S, at_most=False)
            report.check(f"live, {played.player}: seconds the picture stood", played.stalled_s, STANDS_S, at_most=True)
            report.check(f"live, {played.player}: errors", len(played.errors), 0, at_most=True)
            report.check(f"live, {played.player}: view sessions", played.sessions, 1, at_most=True)
        report.row(
            what="live", player="RFC 8216 reader", wall_s=seconds, seconds=seen.seconds, frames=seen.frames, stalls=0,
            stalled_s=0.0, sessions=1, errors=len(seen.faults), texts=seen.faults[:10],
        )  # fmt: skip
        report.check("what RFC 8216 does not allow", len(seen.faults), 0, at_most=True)
        latest = 1.5 * seen.target_s + seen.target_s / 4
        report.check("longest wait for a new version, s", seen.slowest_version_s, latest, at_most=True)
        report.note(
            f"playlist: {seen.readings} readings, {seen.versions} versions, {seen.segments} segments of "
            f"{seen.bytes / 1e6:.0f} MB fetched once each, {seen.still_there} asked for again at the end of the time "
            f"they must be kept, TARGETDURATION {seen.target_s}"
        )
        if killed:
            report.check("discontinuities crossed", len(seen.discontinuities), 1, at_most=False)
            report.note(f"a worker was killed; the next segment came {seen.longest_outage_s:.1f} s after the last")
        for text in [*seen.faults[:10], *(f"{row.player}: {text}" for row in rows for text in row.errors[:5])]:
            report.note(text)

    def replay(self, what: str, camera: str, since: datetime, until: datetime) -> None:
        """One range, one view session a player."""
        resident = Resident(self.base, self.code)
        until = min(until, datetime.now(UTC) - SETTLED)
        urls = [resident.replay(camera, since, until) for _ in range(3)]
        text = resident.text(urls[0])
        playlist = rfc8216.parse(text)
        faults = list(rfc8216.faults_of(playlist))
        longest = playlist.seconds + 120
        rows = [
            Ffmpeg(urls[0], decode=True).wait(longest),
            GStreamer(urls[1], live=False).wait(longest),
            self._screen_replay(urls[2], playlist.seconds),
        ]
        if resident.text(urls[0]) != text:
            faults.append("4.3.3.5: the recorded playlist changed while it was played")
        self.report.check(f"{what}: what RFC 8216 does not allow", len(faults), 0, at_most=True)
        for played in rows:
            self.report.row(**played.as_row(what))
            off = abs(played.seconds - playlist.seconds)
            self.report.check(f"{what}, {played.player}: s beside the playlist's", off, SEGMENT_S, at_most=True)
            self.report.check(f"{what}, {played.player}: errors", len(played.errors), 0, at_most=True)
        lost = abs(rows[0].frames - rows[1].frames)
        self.report.check(f"{what}: frames that only one of ffmpeg and GStreamer saw", lost, 0, at_most=True)
        self.report.note(f"{what}: {playlist.seconds:.1f} s in {len(playlist.segments)} segments")
        for fault in [*faults, *(f"{row.player}: {error}" for row in rows for error in row.errors[:5])]:
            self.report.note(f"{what}: {fault}")
        resident.close()

    def _screen_replay(self, url: str, seconds: float) -> Played:
        screen = Screen(self.browser, self.base, self.code)
        began = time.monotonic()
        screen.replay(url, self.rate)
        end = began + 3 * seconds / self.rate + 60
        while not screen.ended and time.monotonic() < end:
            screen.wait(2)
        played = screen.played(time.monotonic() - began, 1 + screen.opened)
        if not screen.ended:
            played.errors.append("not at the end")
        screen.close()
        return played


def _say(passed: float, of: float, seen: Watched, players: list[Any], screen: Screen) -> None:
    said = screen.said()
    frames = ", ".join(f"{player.name} {player.frames}" for player in players)
    print(
        f"{passed:5.0f} of {of:.0f} s: hls.js {said['frames']} ({said['stalls']} stalls), {frames} frames; "
        f"{seen.segments} segments, {len(seen.faults)} faults",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def past_hour(product: Product, minutes: float) -> tuple[str, datetime, datetime]:
    """A camera with so much of the past, made in a process of its own."""
    made = footage_make(product.folder, "--minutes", str(minutes))
    return made["camera"], datetime.fromisoformat(made["from"]), datetime.fromisoformat(made["to"])


@contextlib.contextmanager
def _product(options: argparse.Namespace) -> Iterator[tuple[str, str, Product | None]]:
    if options.url:
        yield options.url.rstrip("/"), options.code, None
        return
    with tempfile.TemporaryDirectory(prefix="mp-soak-", dir="/tmp") as folder:
        product = Product(Path(folder))
        try:
            product.wait_for_footage(WARM_UP_S)
            yield product.base, product.code, product
        finally:
            product.stop()


def _recorded_before(base: str, code: str, camera: str, minutes: float) -> tuple[datetime, datetime]:
    """The longest stretch of a running product's camera, at most that long."""
    resident = Resident(base, code)
    now = datetime.now(UTC)
    ranges = resident.recorded(camera, now - timedelta(hours=23), now)
    resident.close()
    since, until = max(ranges, key=lambda one: one[1] - one[0])
    return max(since, until - timedelta(minutes=minutes)), until


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.soak", description="Long play in hls.js, ffmpeg and GStreamer")
    parser.add_argument("--minutes", type=float, default=15.0, help="of live")
    parser.add_argument("--replay-minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=8.0, help="playback rate of hls.js in the replays (at most 16)")
    parser.add_argument("--url", default="", help="of a product that runs already")
    parser.add_argument("--code", default="", help="its household code")
    options = parser.parse_args()
    if bool(options.url) != bool(options.code) or not 0 < options.rate <= 16:
        parser.error("--url and --code go together, and --rate is at most 16")
    report = Report("soak", COLUMNS)
    with _product(options) as (base, code, product), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        soak = Soak(base, code, product, browser, options.rate, report)
        camera, since, until = soak.live(options.minutes * 60)
        soak.replay("replay of the live", camera, since, until)
        if product is not None:
            soak.replay("hour", *past_hour(product, options.replay_minutes))
        else:
            soak.replay("past", camera, *_recorded_before(base, code, camera, options.replay_minutes))
        browser.close()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
