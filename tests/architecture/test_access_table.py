"""The committed role × action table and route table are what the code says. ``make access-table`` writes them anew."""

from pathlib import Path

from neighborhoods.access import RULES, Action, Role
from tests.architecture import routes

HERE = Path(__file__).parent


def access_table() -> str:
    """One action a line, the roles that have it behind it."""
    lines = []
    for action in sorted(Action):
        roles = [role.value for role in Role if action in RULES[role]]
        lines.append(f"{action.value:20} {' '.join(roles) or '-'}\n")
    return "".join(lines)


def test_every_role_has_a_rule() -> None:
    assert set(RULES) == set(Role)


def test_the_committed_access_table_is_the_codes() -> None:
    assert (HERE / "access_table.txt").read_text() == access_table()


def test_the_committed_route_table_is_the_codes() -> None:
    assert (HERE / "routes.txt").read_text() == routes.table()


def test_every_view_names_an_action() -> None:
    silent = [f"{route.method} /{route.path}" for route in [*routes.routes(), *routes.sockets()] if not route.action]
    assert silent == []


def test_every_named_action_exists() -> None:
    known = {action.value for action in Action} | {"public"}
    assert {route.action for route in [*routes.routes(), *routes.sockets()]} <= known


if __name__ == "__main__":
    (HERE / "access_table.txt").write_text(access_table())
    (HERE / "routes.txt").write_text(routes.table())
