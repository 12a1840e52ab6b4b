"""hls.js in headless Chromium: the product's own camera page live, the page's own player for what is recorded.

A sampler in the page looks five times a second at the one video on it; what it counts survives that the page puts
another video element there.
"""

from typing import Any

from playwright.sync_api import Browser, Page

from bench.rig.players import Played, redacted

PICTURE_STANDS_S = 1.0
"""A picture that stands so long is a stall."""

_SAMPLER = """
window.soak = {played: 0, frames: 0, dropped: 0, stalls: 0, stalled: 0, videos: 0, trouble: []};
(() => {
  let video = null, at = 0, moved = 0, begun = false, total = 0, lost = 0;
  setInterval(() => {
    const now = performance.now() / 1000, found = document.querySelector("video"), said = window.soak;
    if (found !== video) { video = found; at = 0; total = lost = 0; if (found) said.videos += 1; }
    if (!video) { moved = now; return; }
    const quality = video.getVideoPlaybackQuality();
    said.frames += Math.max(0, quality.totalVideoFrames - total);
    said.dropped += Math.max(0, quality.droppedVideoFrames - lost);
    [total, lost] = [quality.totalVideoFrames, quality.droppedVideoFrames];
    const step = video.currentTime - at;
    at = video.currentTime;
    if (step > 0) {
      if (begun && now - moved >= STANDS) { said.stalls += 1; said.stalled += now - moved; }
      said.played += Math.min(step, 2 * video.playbackRate);  // a seek over a hole is not play
      [moved, begun] = [now, true];
    } else if (!begun || video.ended) moved = now;
  }, 200);
})();
""".replace("STANDS", str(PICTURE_STANDS_S))

_REPLAY = """async ([module, url, rate]) => {
  const { Player } = await import(module);
  const player = new Player();
  player.addEventListener("trouble", ({ detail }) => {
    window.soak.trouble.push(`${detail.what} ${detail.status}${detail.fatal ? " fatal" : ""}`);
  });
  document.body.append(player.video);
  player.load(url);
  player.video.defaultPlaybackRate = player.video.playbackRate = rate;
  window.soakPlayer = player;
}"""
_MODULE = """() => performance.getEntriesByType("resource").map((one) => one.name)
  .find((name) => /\\/js\\/player\\.[^/]*js$/.test(name))"""
"""The page has loaded the player's module already; its name carries a hash."""


class Screen:
    """One phone with the household's code in it."""

    def __init__(self, browser: Browser, base: str, code: str) -> None:
        self.base = base
        self.opened = 0
        """View sessions that the page has asked for."""
        self._errors: list[str] = []
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
        self.page: Page = context.new_page()
        self.page.add_init_script(_SAMPLER)
        self.page.goto(f"{base}/join")
        self.page.locator("#code").fill(code)
        self.page.locator("form[data-join] button").click()
        self.page.wait_for_url("**/cameras/")
        self.page.on("pageerror", lambda error: self._errors.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def live(self, camera: str) -> None:
        """The camera's page, as a finger opens it."""
        self.page.goto(f"{self.base}/cameras/{camera}/")
        self.page.wait_for_function("() => window.soak.frames > 0", timeout=30_000)

    def replay(self, url: str, rate: float) -> None:
        """A page without a video of its own, and the product's player on it."""
        self.page.goto(f"{self.base}/cameras/")
        self.page.evaluate(_REPLAY, [self.page.evaluate(_MODULE), url, rate])

    @property
    def ended(self) -> bool:
        return bool(self.page.evaluate("() => Boolean(document.querySelector('video')?.ended)"))

    def wait(self, seconds: float) -> None:
        """Let the browser's events in."""
        self.page.wait_for_timeout(seconds * 1000)

    def said(self) -> dict[str, Any]:
        return dict(self.page.evaluate("() => window.soak"))

    def played(self, wall_s: float, sessions: int) -> Played:
        said = self.said()
        return Played(
            "hls.js", said["played"], said["frames"], said["stalls"], said["stalled"], sessions, wall_s,
            [*self._errors, *said["trouble"]],
        )  # fmt: skip

    def close(self) -> None:
        self.page.context.close()

    def _answered(self, response: Any) -> None:
        path = response.url.removeprefix(self.base)
        if path.endswith("/live/") or path.endswith("/playback/"):
            self.opened += 1
        if response.status >= 400 and not path.endswith(".jpg"):  # a camera that is down has no poster
            self._errors.append(f"{response.status} {redacted(path)}")
