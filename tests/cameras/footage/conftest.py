"""The street, at noon there."""

from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from cameras.models import Slice
from tests.cameras.footage.street import HOUR, Street, make_street, noon
from tests.cameras.playback.footage import Recorder
from tests.cast import Cast


@pytest.fixture
def moment() -> datetime:
    return noon()


@pytest.fixture
def street(cast: Cast, moment: datetime) -> Street:
    return make_street(cast, moment)


@pytest.fixture
def filmed(street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street with real footage: both cameras recorded a minute, three hours ago, in slices of twenty seconds."""
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path / "store")
    monkeypatch.setattr(type(settings.CONFIG), "evidence_dir", tmp_path / "evidence")
    Slice.objects.all().delete()
    for camera in (street.gate, street.corner):
        recorder = Recorder(camera, slice_seconds=20)
        recorder.past(street.moment - 3 * HOUR, 60)
        recorder.close()
    return street
