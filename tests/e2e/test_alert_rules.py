"""What the phone decides by itself about alerts, asked of its own scripts: as the server does, whatever comes in."""

import datetime as dt
import itertools
import random

import pytest

from notifications import folding
from notifications.categories import CATEGORIES
from notifications.quiet import Wishes, may_ring
from tests.e2e.people import Phone

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAY_RING = """async (cases) => {
  const { mayRing } = await import('/static/pages/js/sound.js');
  return cases.map(([wishes, code, breaks, at]) => mayRing(wishes, code, breaks, new Date(at)));
}"""
FOLDED = """async (views) => {
  const { AlertState } = await import('/static/pages/js/alertstate.js');
  const state = new AlertState('test');
  views.forEach((view) => state.fold(view));
  return Object.fromEntries([...state.views].map(([key, view]) => [key, view.version]));
}"""
RECALLED = """async (device) => {
  const { AlertState } = await import('/static/pages/js/alertstate.js');
  localStorage.setItem('matpho:waiting', JSON.stringify([{facts: {}, key: 'k', device: 'this one'}]));
  ['alerts', 'device'].forEach((name) => localStorage.removeItem(`matpho:${name}`));
  new AlertState(device).recall();
  const left = localStorage.getItem('matpho:waiting');
  Object.keys(localStorage).forEach((name) => name.startsWith('matpho:') && localStorage.removeItem(name));
  return left !== null;
}"""
RELOADED = """async () => {
  const real = window.WebSocket, sockets = [], heard = [], asked = [];
  window.WebSocket = class { static OPEN = 1; constructor() { sockets.push(this); } close() {}
    send(text) { asked.push(text); } };
  try {
    const { Events } = await import('/static/pages/js/events.js');
    const events = new Events('before');
    events.addEventListener('news', ({ detail }) => heard.push(detail.seq));
    const reload = new Promise((done) => events.addEventListener('reload', done));
    const say = (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) });
    events.start();
    sockets[0].onopen();
    say({ kind: 'hello', cursor: 'c', heads: { s: 40 } });
    say({ stream: 's', seq: 41, kind: 'alert.raised', cursor: 'c41', data: {} });
    say({ kind: 'reload', cursor: 'r' });
    await reload;
    window.dispatchEvent(new Event('online'));
    const early = sockets.length;
    events.resume('of the state');
    while (sockets.length === early) await new Promise((done) => setTimeout(done, 20));
    sockets.at(-1).onopen();
    say({ kind: 'hello', cursor: 'r', heads: { s: 10 } });
    say({ stream: 's', seq: 11, kind: 'alert.raised', cursor: 'r11', data: {} });
    events.stop();
    return { early, heard, asked };
  } finally {
    window.WebSocket = real;
  }
}"""


def test_another_sign_in_finds_nothing_of_what_waits(phone: Phone) -> None:
    page = phone.page
    assert [page.evaluate(RECALLED, device) for device in ("this one", "another")] == [True, False]


def test_the_phone_folds_events_as_the_server_does(phone: Phone) -> None:
    """``alertstate`` and ``folding`` know the same of an alert, whatever comes late, twice or out of order."""
    chance = random.Random(3)
    views = [
        {
            "id": f"alert-{chance.randrange(4)}",
            "view": chance.choice(("open", "full")),
            "version": chance.randrange(1, 9),
        }
        for _n in range(200)
    ]
    known: folding.State = {}
    for view in views:
        known = folding.fold(known, {"kind": "alert.raised", "data": {"alert": view}})
    expected = {" ".join(key): view["version"] for key, view in known.items()}
    assert phone.page.evaluate(FOLDED, views) == expected


def test_after_a_reload_the_feed_goes_on_from_the_state_it_read(phone: Phone) -> None:
    """A backup was put back: streams count from lower again, and nothing may fall between the state and the socket."""
    found = phone.page.evaluate(RELOADED)
    assert found["early"] == 1, "nobody joins before the state is there"
    assert found["asked"] == ['{"since":"before"}', '{"since":"of the state"}']
    assert found["heard"] == [41, 11]


def test_it_rings_by_the_servers_own_rule(phone: Phone) -> None:
    """``sound.mayRing`` on the phone and ``quiet.may_ring`` on the server say the same of every category and hour."""
    asked, expected = [], []
    for code, quiet_hours, digest, muted, hour in itertools.product(
        CATEGORIES, (None, ("22:00", "06:00"), ("12:00", "14:00")), (False, True), ((), ("theft", "utility")),
        ("00:00", "06:00", "12:00", "13:59", "14:00", "22:00"),
    ):  # fmt: skip
        start, end = quiet_hours or (None, None)
        wishes = {"quiet_from": start, "quiet_to": end, "digest": digest, "muted": list(muted)}
        asked.append([wishes, code, CATEGORIES[code].breaks_quiet, f"2026-11-25T{hour}:00+07:00"])
        rule = Wishes(
            quiet_from=start and dt.time.fromisoformat(start), quiet_to=end and dt.time.fromisoformat(end),
            muted=frozenset(muted), digest=digest,
        )  # fmt: skip
        expected.append(may_ring(CATEGORIES[code], rule, dt.time.fromisoformat(hour)))
    assert phone.page.evaluate(MAY_RING, asked) == expected
    assert set(expected) == {True, False}
