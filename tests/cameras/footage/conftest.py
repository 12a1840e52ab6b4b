"""The street, at noon there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.cameras.footage.street import Street, make_street
from tests.cast import Cast


@pytest.fixture
def moment() -> datetime:
    """Noon of the last day, local: within the hours of duty, whenever the suite runs."""
    noon = timezone.now().astimezone(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
    return noon if noon <= timezone.now() else noon - timedelta(days=1)


@pytest.fixture
def street(cast: Cast, moment: datetime) -> Street:
    return make_street(cast, moment)
