"""What the walk sends to a route, and what it expects where the table says yes.

Every body is a valid one, so that no 400 stands in front of a rule. A new route that takes a body must be added here.
"""

from datetime import datetime, timedelta
from uuid import UUID

from tests.architecture.ask import Ask
from tests.architecture.footage_world import footage_asks
from tests.architecture.fund_asks import PDF, fund_asks
from tests.architecture.own_world import RECORD, USER_CODE
from tests.architecture.place_world import place_asks
from tests.architecture.routes import Route
from tests.architecture.walkers import WALKERS

STATEMENT = "Ngày giao dịch,Ghi có,Nội dung\n18/03/2026,350.000,HG7 CAM H012\n".encode()
PAYS = frozenset({"resident", "neighbour", "leader", "deputy", "treasurer"})
"""A household pays its own; who tends the fund shows anybody how."""
ONLY_RESIDENT = frozenset({"resident"})
LIVES_THERE_OR_WORKS = frozenset(WALKERS) - {"guest"}
"""A guest reads alerts, and raises none."""
HAS_AN_ACCOUNT = frozenset(
    {"leader", "deputy", "treasurer", "officer", "supervisor", "operator", "auditor", "administrator", "street worker"}
    | {"school"}
    | {"leader elsewhere", "operator elsewhere"}
)
TOLD = frozenset(WALKERS) - {"street worker"}
"""Who may read alerts reads An's; a street worker only her own."""


def asks(ids: dict[str, UUID], moment: datetime) -> dict[str, Ask]:
    """``METHOD /path`` → ``Ask``, for every route but plain GETs that answer 200 to who may."""
    household, place = {"household": str(ids["household_id"])}, {"neighborhood": str(ids["neighborhood_id"])}
    purpose, instant = {"purpose": "incident"}, moment.isoformat()
    ward = {"code": "00699", "name": "Phường Mới", "province_code": "08", "province_name": "Tuyên Quang"}
    span = {"from": (moment - timedelta(minutes=30)).isoformat(), "to": instant}
    secret = {"username": "ai", "password": "mot-mat-khau-dai", "display_name": "Ai"}
    new_place = {"ward_code": "00698", "ward_name": "P", "province_code": "08", "province_name": "T",
                 "neighborhood_name": "Tổ 1"}  # fmt: skip
    return {
        "POST /api/v1/cameras/": Ask(
            201, {"name": "Ngõ sau", "url": "rtsp://8.8.8.8/live", **place}, names=True,
            besides=frozenset({"neighbour"}),
        ),
        "PATCH /api/v1/cameras/<uuid:camera_id>/": Ask(200, {"name": "Cổng sau"}),
        "POST /api/v1/cameras/<uuid:camera_id>/approve/": Ask(200),
        "POST /api/v1/cameras/<uuid:camera_id>/frame/": Ask(201, purpose),
        "POST /api/v1/cameras/<uuid:camera_id>/live/": Ask(201, purpose),
        "POST /api/v1/cameras/<uuid:camera_id>/playback/": Ask(201, span | purpose),
        "POST /api/v1/cameras/<uuid:camera_id>/retire/": Ask(200),
        "POST /api/v1/cameras/<uuid:camera_id>/snapshots/": Ask(
            202, {"at": instant, "before_s": 5, "after_s": 5, **purpose}
        ),
        # A refused address: whoever may is told so, and nothing is dialled.
        "POST /api/v1/cameras/probe/": Ask(400, {"url": "rtsp://127.0.0.1/live"}),
        "POST /api/v1/codes/": Ask(201, household, names=True),
        "POST /api/v1/codes/bulk/": Ask(202, place | {"households": [household["household"]]}, names=True),
        "POST /api/v1/codes/<uuid:code_id>/reissue/": Ask(201),
        "POST /api/v1/codes/<uuid:code_id>/revoke/": Ask(200),
        "POST /api/v1/grid/": Ask(201),
        "POST /api/v1/households/": Ask(201, {"name": "Hộ mới", "address": "Số 99", **place}, names=True),
        "PATCH /api/v1/households/<uuid:household_id>/": Ask(200, {"name": "Hộ An"}),
        "POST /api/v1/households/<uuid:household_id>/leave/": Ask(200),
        "POST /api/v1/guest-codes/": Ask(201, {"cameras": [str(ids["camera_id"])]}, names=True),
        "POST /api/v1/guest-codes/<uuid:guest_code_id>/revoke/": Ask(200),
        "GET /api/v1/jobs/<uuid:job_id>/": Ask(200, only=ONLY_RESIDENT),
        "GET /api/v1/jobs/<uuid:job_id>/file/": Ask(200, only=ONLY_RESIDENT),
        "PATCH /api/v1/me/": Ask(200, {"member": str(ids["member_id"])}, names=True, only=ONLY_RESIDENT),
        "DELETE /api/v1/me/devices/<uuid:device_id>/": Ask(204, only=ONLY_RESIDENT),
        "POST /api/v1/members/": Ask(201, {"name": "Nguyễn Thị Út", **household}, names=True),
        "PATCH /api/v1/members/<uuid:member_id>/": Ask(200, {"name": "Nguyễn Văn Anh"}),
        "POST /api/v1/members/<uuid:member_id>/leave/": Ask(200),
        "POST /api/v1/neighborhoods/": Ask(201, {"ward": str(ids["ward_id"]), "name": "Tổ 9"}, names=True),
        "DELETE /api/v1/sessions/current/": Ask(204),
        "GET /api/v1/snapshots/<uuid:snapshot_id>/": Ask(200, only=ONLY_RESIDENT),
        "DELETE /api/v1/snapshots/<uuid:snapshot_id>/": Ask(204, only=ONLY_RESIDENT),
        "DELETE /api/v1/view-sessions/<uuid:session_id>/": Ask(204, only=ONLY_RESIDENT),
        "POST /api/v1/wards/": Ask(201, ward),
        # Of An's household alone: those who lead read it of the street's own cameras.
        "GET /api/v1/cameras/<uuid:camera_id>/viewers/": Ask(200, only=ONLY_RESIDENT),
        "GET /cameras/<uuid:camera_id>/viewers/": Ask(200, only=ONLY_RESIDENT),
        "POST /api/v1/cameras/plan/": Ask(201, {"name": "Ngã tư mới", **place}, names=True),
        # The register of extractions.
        "POST /api/v1/cases/": Ask(
            201, {"ward": str(ids["ward_id"]), "case_number": "2026/09", "kind": "theft"}, names=True
        ),
        "POST /api/v1/cases/<uuid:case_id>/resolve/": Ask(200, {"outcome": "clarified"}),
        "POST /api/v1/cases/<uuid:case_id>/extractions/": Ask(
            201, {"camera": str(ids["camera_id"]), "reason": "vehicle", **span}
        ),
        "POST /api/v1/extractions/<uuid:extraction_id>/outcome/": Ask(
            200, {"outcome": "used", "what_helped": ["vehicle"]}
        ),
        "PUT /api/v1/wards/<uuid:ward_id>/room/": Ask(200, {"cameras": []}),
        # Alerts.
        "POST /api/v1/alerts/": Ask(201, {"category": "theft", **place}, names=True, only=LIVES_THERE_OR_WORKS),
        "GET /api/v1/alerts/<uuid:alert_id>/": Ask(200, only=TOLD),
        "POST /api/v1/alerts/<uuid:alert_id>/acknowledge/": Ask(200),
        "POST /api/v1/alerts/<uuid:alert_id>/clip/": Ask(200),
        "POST /api/v1/alerts/<uuid:alert_id>/release/": Ask(200),
        "POST /api/v1/alerts/<uuid:alert_id>/resolve/": Ask(200, {"verdict": "used"}),
        "POST /api/v1/alerts/<uuid:alert_id>/withdraw/": Ask(
            200, {"reason": "Nhầm nhà"}, only=frozenset({"leader", "deputy"})
        ),
        "POST /api/v1/alerts/<uuid:alert_id>/words/": Ask(200, {"text": "Áo đỏ"}, only=ONLY_RESIDENT),
        "POST /api/v1/alerts/broadcast/": Ask(
            201, {"ward": str(ids["ward_id"]), "category": "flood", "text": "Nước lên"}, names=True
        ),
        "POST /api/v1/alert-endpoints/": Ask(201, {"name": "Tủ", "categories": ["fire"], **place}, names=True),
        "POST /api/v1/alert-endpoints/<uuid:endpoint_id>/revoke/": Ask(200),
        "PATCH /api/v1/me/notifications/": Ask(200, {"sound": False}),
        "GET /api/v1/push-key/": Ask(409),  # the operator has not switched it on
        "POST /api/v1/push-subscriptions/": Ask(
            409, {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "B" * 87, "auth": "A" * 22}}
        ),
        "DELETE /api/v1/push-subscriptions/": Ask(204),
        # The audit.
        "POST /api/v1/wards/<uuid:ward_id>/audit-export/": Ask(202),
        # Roles. The treasurer's: a leader's own is handed over, never ended.
        "POST /api/v1/roles/<uuid:grant_id>/end/": Ask(200),
        "POST /api/v1/roles/<uuid:grant_id>/handover/": Ask(201, {"name": "Vũ Thị Mai"}),
        "POST /api/v1/roles/<uuid:grant_id>/password-link/": Ask(201),
        "POST /api/v1/roles/<uuid:grant_id>/second-factor-reset/": Ask(204),
        "POST /api/v1/invitations/": Ask(201, {"role": "deputy", "name": "Vũ Thị Mai", **place}, names=True),
        "POST /api/v1/invitations/<uuid:invitation_id>/revoke/": Ask(200),
        # One's own data, the desk, the legal record, walls.
        "PATCH /api/v1/me/member/": Ask(200, {"phone": "0912345678"}),
        "POST /api/v1/me/leave/": Ask(204),
        "POST /api/v1/members/<uuid:member_id>/erase/": Ask(200),
        "POST /api/v1/data-requests/": Ask(201, {"kind": "see"}),
        "POST /api/v1/data-requests/enter/": Ask(201, {"kind": "see", **household, **place}, names=True),
        "GET /api/v1/data-requests/<uuid:request_id>/": Ask(200, only=frozenset({"resident", "leader", "deputy"})),
        "POST /api/v1/data-requests/<uuid:request_id>/answer/": Ask(200, {"answer": "Chúng tôi xem"}),
        "POST /api/v1/data-requests/<uuid:request_id>/extend/": Ask(200, {"days": 5, "reason": "Chờ chủ nhà"}),
        "POST /api/v1/data-requests/<uuid:request_id>/finish/": Ask(200, {"outcome": "Đã xong"}),
        "POST /api/v1/data-requests/<uuid:request_id>/refuse/": Ask(
            200, {"ground": "law_keeps", "outcome": "Sổ quỹ phải giữ"}
        ),
        "POST /api/v1/neighborhoods/<uuid:neighborhood_id>/legal-record/": Ask(201, RECORD),
        "POST /api/v1/neighborhoods/<uuid:neighborhood_id>/legal-record/scans/": Ask(201, file=PDF),
        "POST /api/v1/walls/find/": Ask(200, {"user_code": USER_CODE}),
        "POST /api/v1/walls/approve/": Ask(204, {"user_code": USER_CODE, "name": "TV", **place}, names=True),
        "POST /api/v1/walls/deny/": Ask(204, {"user_code": USER_CODE, **place}, names=True),
        "POST /api/v1/walls/<uuid:wall_id>/revoke/": Ask(200),
        "POST /api/v1/walls/pair/": Ask(200),
        "POST /api/v1/walls/token/": Ask(400, {"device_code": "x" * 43}),
        # The bank.
        "POST /api/v1/bank-accounts/": Ask(
            201, {"bank_bin": "970415", "account_number": "0011001932418", "holder": "Do Thi Hoa", **place}, names=True
        ),
        "POST /api/v1/bank-accounts/<uuid:account_id>/secret/": Ask(200),
        "POST /api/v1/bank-accounts/<uuid:account_id>/close/": Ask(200),
        "POST /api/v1/bank-accounts/<uuid:account_id>/statements/": Ask(201, file=STATEMENT),
        "POST /api/v1/bank-statements/<uuid:statement_id>/apply/": Ask(202),
        "POST /api/v1/bank-rows/<uuid:row_id>/match/": Ask(
            200, {"campaign": str(ids["campaign_id"]), **household}
        ),
        "POST /api/v1/bank-rows/<uuid:row_id>/return/": Ask(200),
        "POST /api/v1/bank-rows/<uuid:row_id>/ignore/": Ask(200, {"why": "test"}),
        "POST /api/v1/bank-rows/<uuid:returned_id>/reopen/": Ask(200),
        "GET /api/v1/campaigns/<uuid:campaign_id>/qr/": Ask(200, only=PAYS),
        "GET /api/v1/campaigns/<uuid:campaign_id>/qr.svg": Ask(200, only=PAYS),
        "GET /api/v1/campaigns/<uuid:campaign_id>/qr.png": Ask(200, only=PAYS),
        "GET /fund/pay/<uuid:campaign_id>/": Ask(200, only=PAYS),
        "POST /fund/bank/accounts/<uuid:account_id>/statement/": Ask(200, file=STATEMENT),
        "POST /hooks/bank/<str:provider>/<uuid:endpoint_id>/": Ask(404, {"id": 1}),
        # Public: the same to everyone, whatever they hold. No secret of these is right.
        "POST /api/v1/sessions/": Ask(400, {"code": "HG7-BBBB-BBBB", "device_name": "Máy"}),
        "POST /api/v1/sessions/staff/": Ask(401, {"device_name": "Máy"}),
        "POST /api/v1/invitations/look/": Ask(400, {"token": "x" * 43}),
        "POST /api/v1/invitations/accept/": Ask(400, {"token": "x" * 43}),
        "POST /api/v1/setup/": Ask(400, {"token": "x" * 43, "administrator": secret, **new_place}),
        "POST /hooks/alerts/<uuid:endpoint_id>/": Ask(404, {"event_id": "1", "category": "fire"}),
        "GET /readyz": Ask(503),  # no recorder and no worker run here
        "GET /transparency/<str:ward_code>/": Ask(302),  # to the month that is running
        "GET /setup": Ask(410),  # there is an administrator
        "POST /language": Ask(204),
        "POST /sign-out": Ask(204),
        "POST /api/v1/campaigns/<uuid:campaign_id>/statement/": Ask(202, {"year": 2026, "month": 1}),
        "GET /fund/receipts/<uuid:payment_id>.pdf": Ask(200, only=frozenset({"resident", "leader", "treasurer"})),
        **fund_asks(ids, moment),
        **footage_asks(ids, moment),
        **place_asks(ids),
        # Pages.
        "GET /account": Ask(200, only=HAS_AN_ACCOUNT),
        "POST /leader/codes/<uuid:code_id>/revoke": Ask(200),
        "POST /leader/devices/<uuid:device_id>/cut": Ask(200, also="see_codes"),  # it stands on the codes' page
        "POST /leader/devices/<uuid:device_id>/reissue": Ask(200),
        "POST /guests/new": Ask(200),  # JSON is no form: the page says what is missing
        "POST /guests/<uuid:guest_code_id>/revoke": Ask(200),
        "POST /phones/<uuid:device_id>/cut": Ask(204, only=ONLY_RESIDENT),
        "POST /leader/households/<uuid:household_id>/code": Ask(200),
    }  # fmt: skip


SHOWS = {
    "GET /fund/bank/": ("account_id", ""),
    "GET /fund/bank/queue/": ("row_id", ""),
    "GET /api/v1/campaigns/": ("campaign_id", ""),
    "GET /alerts/": ("alert_id", ""),
    "GET /api/v1/alert-endpoints/": ("endpoint_id", ""),
    "GET /api/v1/alerts/": ("alert_id", "see_alerts"),
    "GET /api/v1/bank-accounts/": ("account_id", ""),
    "GET /api/v1/bank-rows/": ("row_id", ""),
    "GET /api/v1/cameras/": ("camera_id", ""),
    "GET /api/v1/cases/": ("case_id", ""),
    "GET /api/v1/footage-requests/": ("demand_id", "serve_footage see_footage_requests"),
    "GET /api/v1/codes/": ("code_id", ""),
    "GET /api/v1/guest-codes/": ("guest_code_id", ""),
    "GET /api/v1/households/": ("household_id", ""),
    "GET /api/v1/invitations/": ("invitation_id", ""),
    "GET /api/v1/members/": ("member_id", ""),
    "GET /api/v1/neighborhoods/": ("neighborhood_id", ""),
    "GET /api/v1/roles/": ("grant_id", ""),
    "GET /api/v1/watching/": ("session_id", ""),
    "GET /cameras/": ("camera_id", ""),
    "GET /leader/households/": ("household_id", ""),
    "GET /leader/requests/": ("request_id", ""),
    "GET /api/v1/walls/": ("wall_id", ""),
    "GET /walls/": ("wall_id", ""),
}
"""Lists: the thing of An's that they show, to whom the table gives the route's action (or one of these) over An's."""


def name_of(route: Route) -> str:
    return f"{route.method} /{route.path}"
