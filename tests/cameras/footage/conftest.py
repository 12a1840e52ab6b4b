"""The street, at noon there."""

from datetime import datetime

import pytest

from tests.cameras.footage.street import Street, make_street, noon
from tests.cast import Cast


@pytest.fixture
def moment() -> datetime:
    return noon()


@pytest.fixture
def street(cast: Cast, moment: datetime) -> Street:
    return make_street(cast, moment)
