"""``make bench-fanout``: one alert to ten thousand sockets, against a bare broadcast by the ``ws`` package of Node.

Ours is the whole product's web process (``backend.serve``: database, Valkey, sign-in, deliveries noted), and the alert
comes by the dispatcher's own way: rows, commit, channel layer. The peer writes the same text to whoever is connected.
Both hold their sockets all the time and take turns; each has one core, the load client the other. The time of an event
runs from its commit (the peer: from its publication) until the last phone has read it.

    python -m bench.fanout [--sockets N] [--quick]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

from bench.report import Report, median
from bench.rig import gauge
from tests.servers import Valkey

SOCKETS, ROUNDS = 10_000, 7
SLOW = 10
SURVIVORS = 1_000
MISSED_WHILE_AWAY = 5
RATIO, RATIO_AIM = 2.0, 1.0
KB, KB_AIM = 32.0, 22.0
P99_AIM_MS = 150.0
JOINS, JOINS_SIGNED = 1_500.0, 500.0
SURVIVOR_MS = 2_000.0
SLOW_KB = 256.0
STUFFING = 60
"""Events of 2.7 KB: more than the buffers of one socket hold."""
STUCK_S = 10.0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, 1,000 sockets")
    asked = parser.parse_args()
    sockets, rounds = (min(asked.sockets, 1_000), 3) if asked.quick else (asked.sockets, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="mp-", dir="/tmp") as folder:
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": f"unix://{folder}/valkey.sock"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "backend.settings", "LOG_LEVEL": "WARNING"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True)
        django.setup()
        load = os.getloadavg()[0]
        return _measure(Path(folder), sockets, rounds, f"load of the machine before: {load:.1f}")


def _measure(folder: Path, sockets: int, rounds: int, first: str) -> int:
    from bench.rig.fanload import Clock, Ours, Peer, Phones, compiled  # noqa: PLC0415  (they need Django's settings)
    from bench.rig.fanscene import Scene  # noqa: PLC0415

    report = Report(
        "fanout",
        [("way", "way", ""), ("round", "round", "d"), ("p50", "p50 ms", ".1f"), ("p99", "p99 ms", ".1f"),
         ("max", "last ms", ".1f"), ("events", "reached", "d")],
    )  # fmt: skip
    report.note(first)
    valkey, clock = Valkey(folder / "valkey.sock"), Clock(folder)
    program = compiled(folder)
    scene = Scene(folder, sockets + SLOW, clock.start)
    ours, peer = Ours(), Peer(valkey.path)
    phones = Phones(program, clock, ours.port, "/ws/v1/events/", sockets, tokens=scene.tokens_file)
    others = Phones(program, clock, peer.port, "/", sockets)
    opened: list[Phones] = [phones, others]
    try:
        bench = _Bench(report, scene, ours, peer, phones, others, clock, sockets)
        bench.joins()
        bench.turns(rounds)
        bench.survivors()
        tokens = folder / "slow"
        tokens.write_text("\n".join(scene.tokens_file.read_text().split()[-SLOW:]))
        slow = Phones(program, clock, ours.port, "/ws/v1/events/", SLOW, tokens=tokens, slow=SLOW)
        opened.append(slow)
        bench.stuck(slow)
        bench.restart()
    finally:
        for each in opened:
            each.close()
        for server in (ours, peer):
            if server.process.poll() is None:
                server.stop()
        scene.close()
        valkey.stop()
    return report.finish()


class _Bench:
    def __init__(
        self, report: Report, scene: Any, ours: Any, peer: Any, phones: Any, others: Any, clock: Any, sockets: int
    ) -> None:
        self.report, self.scene, self.ours, self.peer = report, scene, ours, peer
        self.phones, self.others, self.clock, self.sockets = phones, others, clock, sockets
        self.alone: dict[str, float] = {}
        self.stuffed: list[float] = []

    def joins(self) -> None:
        """How fast phones come, and what each costs: first with sign-in, then with one that is remembered."""
        before = {"ours": gauge.pss_bytes([self.ours.process.pid]), "peer": gauge.pss_bytes([self.peer.process.pid])}
        signed = self._join("with sign-in", self.phones, self.ours)
        self._kb("ours", self.ours, before["ours"])
        self.phones.ask(f"drop {self.sockets}")
        time.sleep(1)
        remembered = self._join("sign-in remembered", self.phones, self.ours)
        self._kb("ours, second time", self.ours, before["ours"])
        self._join("peer", self.others, self.peer)
        self._kb("peer", self.peer, before["peer"])
        self.report.check("joins a second with sign-in", signed, JOINS_SIGNED, at_most=False)
        self.report.check("joins a second, sign-in remembered", remembered, JOINS, at_most=False)
        self.report.check("KB a socket (PSS)", self.alone["ours"], KB, at_most=True, aim=KB_AIM)

    def _join(self, name: str, phones: Any, server: Any) -> float:
        """Joins a second. The server's own time for one is told beside it: on a busy machine it says more."""
        before = gauge.cpu_seconds([server.process.pid])
        found = phones.ask("join")
        spent = gauge.spent(before, gauge.cpu_seconds([server.process.pid])) / self.sockets * 1e3
        self.report.note(f"joins a second, {name}: {found['per_s']}; {spent:.2f} ms of the server's processor each")
        return float(found["per_s"])

    def _kb(self, name: str, server: Any, before: int) -> None:
        time.sleep(1)
        kb = (gauge.pss_bytes([server.process.pid]) - before) / self.sockets / 1024
        self.alone[name] = kb
        self.report.note(f"KB a socket, {name}: {kb:.1f}")

    def turns(self, rounds: int) -> None:
        self._ours("warm", 0)
        text = self.scene.alert()
        self.phones.wait(self.sockets)
        self.phones.ask("mark")
        for number in range(rounds):
            self._peer(text, number)
            self._ours("ours", number)
        self.report.note(f"an event is {self.scene.frame_bytes} bytes of text")
        ours, peer = self._p99("ours"), self._p99("peer")
        self.report.check("p99 of the peer's (medians)", ours / peer, RATIO, at_most=True, aim=RATIO_AIM)
        self.report.check("p99, ms", ours, RATIO * peer, at_most=True, aim=P99_AIM_MS)
        reached = min(row["events"] for row in self.report.rows if row["way"] == "ours")
        self.report.check("sockets reached", reached, self.sockets, at_most=False)

    def _p99(self, way: str) -> float:
        return median([row["p99"] for row in self.report.rows if row["way"] == way])

    def _row(self, way: str, number: int, phones: Any) -> dict[str, Any]:
        found = phones.ask("mark")
        row = {"way": way, "round": number, **{key: found[key] for key in ("p50", "p99", "max", "events")}}
        if way != "warm":
            self.report.row(**row)
        return row

    def _ours(self, way: str, number: int) -> dict[str, Any]:
        self.scene.alert()
        self.phones.wait(self.phones.ask("open")["open"])
        row = self._row(way, number, self.phones)
        time.sleep(1.0)  # deliveries are written
        return row

    def _peer(self, text: str, number: int) -> None:
        import redis  # noqa: PLC0415

        with redis.Redis(unix_socket_path=os.environ["REDIS_URL"].removeprefix("unix://")) as client:
            self.clock.start()
            client.publish(self.peer.CHANNEL, text)
        self.others.wait(self.sockets)
        self._row("peer", number, self.others)
        time.sleep(0.3)

    def survivors(self) -> None:
        """Nine of ten drop in the same instant, and an alert is raised in the next."""
        left = self.sockets // 10
        self.phones.ask(f"drop {self.sockets - left}")
        row = self._ours("nine of ten dropped", 0)
        self.report.check("the last survivor, ms", row["max"], SURVIVOR_MS, at_most=True)
        self.report.check("survivors reached", row["events"], left, at_most=False)
        self.phones.ask("join")
        self.phones.ask("mark")

    def stuck(self, slow: Any) -> None:
        """Ten phones read nothing; events are sent until their buffers are full, and some more."""
        usual, _ = self._stuff()
        slow.ask("join")
        grown, kernel = self._stuff()
        own = max(0.0, (grown - usual) / 1024 / SLOW)
        self.report.note(f"one that never reads: {kernel:.0f} KB wait in the kernel, about {own:.0f} KB in the process")
        self.report.check("KB for a phone that never reads", kernel + own, SLOW_KB, at_most=True)
        until = time.monotonic() + 2 * STUCK_S
        while gauge.send_queues(self.ours.port) and time.monotonic() < until:
            time.sleep(0.25)
        left = len(gauge.send_queues(self.ours.port))
        self.report.check("of ten that never read, still open after the deadline", left, 0, at_most=True)
        without, beside = self.stuffed
        self.report.note(f"{STUFFING} events one after the other: p99 {without:.0f} ms, beside the ten {beside:.0f} ms")
        self.report.check("others' p99 beside them, of without", beside / without, 1.5, at_most=True)

    def _stuff(self) -> tuple[int, float]:
        """Send what fills a phone that does not read, each event when everybody else has the one before. Gives by how
        many bytes the process grew, and the most KB that wait in the kernel for one socket."""
        server, kernel, p99 = self.ours.process.pid, 0, []
        before = gauge.pss_bytes([server])
        for _ in range(STUFFING):
            self.scene.alert(text="🌊" * 490)
            self.phones.wait(self.sockets)
            p99.append(self.phones.ask("mark")["p99"])
            kernel = max([kernel, *gauge.send_queues(self.ours.port)])
        self.stuffed.append(median(p99))
        return gauge.pss_bytes([server]) - before, kernel / 1024

    def restart(self) -> None:
        """The server dies and comes back; alerts were raised meanwhile; everybody comes back with a cursor."""
        self.ours.stop(signal.SIGKILL)
        for _ in range(MISSED_WHILE_AWAY):
            self.scene.alert(publish=False)
        self.ours.start()
        self.phones.ask("mark")
        begun = time.monotonic()
        back = self.phones.ask("join")
        self.phones.wait(MISSED_WHILE_AWAY * self.sockets)
        took = time.monotonic() - begun
        whole = self.phones.ask(f"check {self.scene.events}")
        self.report.note(
            f"kill -9: {back['open']} came back in {took:.1f} s ({back['per_s']}/s), {self.scene.events} events"
        )
        self.report.check("of them, given every event", whole["whole"], self.sockets, at_most=False)
        self.report.check("events given twice", whole["doubled"], 0, at_most=True)


if __name__ == "__main__":
    sys.exit(main())
