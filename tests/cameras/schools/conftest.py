"""Hoa Sen's camera over its yard, watched now by whoever may, and the people who might want to."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cameras.models import Camera
from tests.cameras.playback.conftest import make_camera
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast, Person, School, make_nga, make_school


@pytest.fixture
def moment() -> datetime:
    return timezone.now()


@pytest.fixture
def school(cast: Cast) -> School:
    return make_school(cast)


@pytest.fixture
def yard(cast: Cast, school: School, moment: datetime) -> Camera:
    """In its hours from an hour ago to an hour from now, every day."""
    hours = daily(moment - timedelta(hours=1), moment + timedelta(hours=1))
    return make_camera(cast, ownership="school", owner_household=school.household, school_hours=hours)


@pytest.fixture
def nga(cast: Cast) -> Person:
    return make_nga(cast)
