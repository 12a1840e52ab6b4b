"""The places of the walk: what changes tổ 7 and its ward, a second registration at An's, a list that waits."""

import uuid

from neighborhoods.models import HouseholdImport, HouseholdRegistration, Neighborhood, Ward
from tests.architecture.ask import Ask
from tests.cast import Cast

LIST = "Địa chỉ,Chủ hộ\nSố 41,Mã Thị Thu\n".encode()
OF_THE_WARD = frozenset({"resident elsewhere", "leader elsewhere"})
"""They live next door, in the same ward."""


def make_places(cast: Cast) -> dict[str, uuid.UUID]:
    registration = HouseholdRegistration.objects.create(household=cast.an.household, kind="temporary")
    line = {"line": 2, "address": "Số 40", "head": "Vàng Thị Chư", "people": [["Vàng Thị Chư", ""]]}
    waiting = HouseholdImport.objects.create(neighborhood=cast.place, file_name="ho.csv", lines=[line], added=1)
    return {"registration_id": registration.id, "import_id": waiting.id}


def place_asks(ids: dict[str, uuid.UUID]) -> dict[str, Ask]:
    next_door = {"into": str(Neighborhood.objects.get(code="00691-T08").id)}
    elsewhere = str(Ward.objects.get(code="00700").id)
    place = {"neighborhood": str(ids["neighborhood_id"])}
    return {
        "GET /api/v1/wards/<uuid:ward_id>/": Ask(200, besides=OF_THE_WARD),
        "GET /api/v1/wards/<uuid:ward_id>/history/": Ask(200, besides=OF_THE_WARD),
        "PATCH /api/v1/wards/<uuid:ward_id>/": Ask(200, {"name": "Phường Hà Giang"}),
        "POST /api/v1/wards/<uuid:ward_id>/merge/": Ask(200, {"into": elsewhere}),
        "POST /api/v1/wards/<uuid:ward_id>/split/": Ask(
            201, {"code": "00711", "name": "Phường Mới", "neighborhoods": [str(ids["neighborhood_id"])]}
        ),
        "PATCH /api/v1/neighborhoods/<uuid:neighborhood_id>/": Ask(200, {"name": "Tổ Trần Phú"}),
        "PUT /api/v1/neighborhoods/<uuid:neighborhood_id>/location/": Ask(
            200, {"location": {"lat": 22.8, "lon": 104.9}}
        ),
        "POST /api/v1/neighborhoods/<uuid:neighborhood_id>/move/": Ask(200, {"ward": elsewhere}),
        "POST /api/v1/neighborhoods/<uuid:neighborhood_id>/merge/": Ask(200, next_door),
        "POST /api/v1/neighborhoods/<uuid:neighborhood_id>/split/": Ask(
            201, {"name": "Tổ 7B", "households": [str(ids["household_id"])]}
        ),
        "POST /api/v1/households/import/": Ask(201, place, names=True, file=LIST),
        "POST /api/v1/households/import/<uuid:import_id>/apply/": Ask(202, {}),
        "POST /leader/households/import/read": Ask(200, file=LIST),
        "POST /api/v1/households/<uuid:household_id>/registrations/": Ask(201, {"kind": "temporary"}),
        "POST /api/v1/registrations/<uuid:registration_id>/end/": Ask(200),
    }
