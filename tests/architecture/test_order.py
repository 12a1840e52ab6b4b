"""What ``tests/conftest.py`` says of the suite is so."""

from tests.conftest import HERE, LONGEST


def test_the_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (HERE.parent / name).is_file()] == []
