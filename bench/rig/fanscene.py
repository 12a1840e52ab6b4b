"""The neighborhood of ``make bench-fanout``: ten thousand phones, and alerts for them to hear.

Rows are written directly: the verbs that make a household, a code and a phone are not what is measured.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from backend.lib.clock import now
from neighborhoods import outbox, tokens
from neighborhoods.models import AccessCode, Device, Household, Neighborhood, Ward
from notifications import feed
from notifications.dispatching import dispatch_once
from notifications.models import Alert, Event, Stream
from notifications.publishing import Publisher

PHONES_EACH = 4
YEAR = timedelta(days=365)


class Scene:
    """``tokens_file`` holds a token a line. ``told`` is called when an event's transaction has committed, before it is
    published."""

    def __init__(self, folder: Path, phones: int, told: Callable[[], None]) -> None:
        self._told = told
        self.tokens_file = folder / "tokens"
        ward = Ward.objects.create(code="00691", name="Phường Hà Giang 2", province_code="08", province_name="TQ")
        self.place = Neighborhood.objects.create(ward=ward, code="00691-T07", selector="HG7", name="Tổ dân phố 7")
        self._people(phones)
        self._publisher = Publisher()
        self._publisher.start()
        self.events = 0
        self.frame_bytes = 0

    def close(self) -> None:
        self._publisher.stop()

    def _people(self, phones: int) -> None:
        households = [
            Household(neighborhood=self.place, number=n + 1, name=f"Hộ số {n + 1}", address=f"Số {n + 1}")
            for n in range(-(-phones // PHONES_EACH))
        ]
        Household.objects.bulk_create(households, 500)
        codes = [
            AccessCode(
                neighborhood=self.place, household=one, typed_hmac=secrets.token_bytes(32),
                qr_hmac=secrets.token_bytes(32), slots_used=PHONES_EACH, expires_at=now() + YEAR,
            )
            for one in households
        ]  # fmt: skip
        AccessCode.objects.bulk_create(codes, 500)
        minted = [tokens.mint() for _ in range(phones)]
        devices = [
            Device(
                kind=Device.Kind.PHONE, name="Điện thoại", token_hash=tokens.hash_of(token), slot=n % PHONES_EACH + 1,
                code=codes[n // PHONES_EACH], household=households[n // PHONES_EACH], expires_at=now() + YEAR,
            )
            for n, token in enumerate(minted)
        ]  # fmt: skip
        Device.objects.bulk_create(devices, 500)
        self.tokens_file.write_text("".join(f"{token}\n" for token in minted))

    def alert(self, *, text: str = "Cháy ở cuối ngõ 12", publish: bool = True) -> str:
        """Raise an alert and dispatch it as the dispatcher does; gives the text of its event in the neighborhood."""
        moment = now()
        alert = Alert.objects.create(
            ward=self.place.ward, neighborhood=self.place, category="school_gate", source=Alert.Source.RESIDENT,
            text=text, text_released_at=moment, latitude=22.8234, longitude=104.9836, place="Cổng chợ",
            occurred_at=moment, raised_at=moment, expires_at=moment + timedelta(hours=2),
        )  # fmt: skip
        outbox.add(
            topic="alert.raised", neighborhood_id=self.place.id, now=moment,
            payload={"audit": "", "actor": "", "subject": f"alert:{alert.id}", "data": {}},
        )  # fmt: skip
        written: list[Event] = []

        def tell(events: Sequence[Event]) -> None:
            written.extend(events)
            self._told()
            if publish:
                self._publisher.publish(events)

        dispatch_once(now=now(), tell=tell)
        here = Stream.objects.get(kind=Stream.Kind.NEIGHBORHOOD, subject_id=self.place.id)
        said = next(feed.wire(event) for event in written if event.stream_id == here.id)
        self.events += 1
        self.frame_bytes = len(said.encode())
        return said
