"""A resident's app: redeems a code once, opens view sessions with the token, and counts both."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx


@dataclass(slots=True)
class Resident:
    base: str
    code: str
    sign_ins: int = 0
    sessions: int = 0
    """View sessions opened."""
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._client = httpx.Client(base_url=f"{self.base}/api/v1", timeout=20)
        found = self._post("/sessions/", {"code": self.code, "device_name": "Soak"})
        self.sign_ins += 1
        self._client.headers["Authorization"] = f"Bearer {found['token']}"

    def cameras(self) -> list[dict[str, Any]]:
        return list(self._get("/cameras/")["results"])

    def live_camera(self) -> tuple[str, str]:
        """A camera that shows a picture now, and a live playlist of it: residents are not told which are down."""
        for camera in self.cameras():
            url = self.live(camera["id"])
            if httpx.get(url, timeout=20).status_code == 200:
                return camera["id"], url
        raise LookupError("no camera shows a picture just now")

    def live(self, camera: str) -> str:
        """The absolute address of a live playlist, in a view session of its own."""
        return self._open(f"/cameras/{camera}/live/", {})

    def replay(self, camera: str, starts_at: datetime, ends_at: datetime) -> str:
        return self._open(
            f"/cameras/{camera}/playback/", {"from": starts_at.isoformat(), "to": ends_at.isoformat()}
        )  # fmt: skip

    def recorded(self, camera: str, starts_at: datetime, ends_at: datetime) -> list[tuple[datetime, datetime]]:
        query = {"from": starts_at.isoformat(), "to": ends_at.isoformat()}
        ranges = self._get(f"/cameras/{camera}/recordings/", query)["ranges"]
        return [(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])) for one in ranges]

    def text(self, url: str) -> str:
        return httpx.get(url, timeout=20).raise_for_status().text

    def close(self) -> None:
        """Sign out, so that a running product keeps no trace of the benchmark but the audit's."""
        self._client.delete("/sessions/current/").raise_for_status()
        self._client.close()

    def _open(self, path: str, body: dict[str, Any]) -> str:
        self.sessions += 1
        return str(httpx.URL(self.base).join(self._post(path, body)["url"]))

    def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return self._client.get(path, params=query).raise_for_status().json()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        return answer.raise_for_status().json()
