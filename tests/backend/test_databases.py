"""The suite really runs on the database it says."""

import pytest
from django.db import connection

from tests.cast import Cast


@pytest.mark.both_databases
def test_it_runs_on_the_database_asked_for(request: pytest.FixtureRequest, cast: Cast) -> None:
    expected = {"sqlite": "sqlite", "postgres": "postgresql"}[request.config.getoption("--db")]
    assert connection.vendor == expected
    assert cast.an.household is not None
