"""The people's routes, as a phone and a page use them."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from backend.lib import totp
from backend.lib.clock import now
from neighborhoods import factors
from neighborhoods.access import Action
from neighborhoods.models import AccessCode, Device, Household, IdempotencyRecord
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    return body


def issue(client: Client, cast: Cast, **more: Any) -> dict[str, Any]:
    body = {"household": str(cast.an.household.id), **more}
    answer = client.post("/api/v1/codes/", body, JSON, **cast.binh.bearer)
    assert answer.status_code == 201, answer.content
    return answer.json()


class TestSessions:
    def test_a_code_becomes_a_token_that_says_who_i_am(self, client: Client, live_cast: Cast) -> None:
        typed = issue(client, live_cast)["typed"]
        answer = client.post("/api/v1/sessions/", {"code": typed.lower(), "device_name": "Máy An"}, JSON)
        assert answer.status_code == 201
        body = answer.json()
        assert body["token"].startswith("mp_")
        assert body["member"] is None
        assert body["household"]["name"] == "Hộ ông An"
        assert body["neighborhood"]["code"] == "00691-T07"
        assert body["scopes"] == {"cameras": [], "hours": [], "replay": True}
        assert "matpho" not in answer.cookies
        me = client.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {body['token']}").json()
        assert me["device"]["name"] == "Máy An"
        assert me["household"]["name"] == "Hộ ông An"
        assert [role["role"] for role in me["roles"]] == ["owner", "resident"]
        assert "view_live" in me["actions"]
        assert "manage_codes" not in me["actions"]

    def test_a_page_gets_a_cookie_and_never_sees_the_token(self, client: Client, live_cast: Cast) -> None:
        typed = issue(client, live_cast)["typed"]
        body = {"code": typed, "device_name": "Máy An"}
        answer = client.post("/api/v1/sessions/", body, JSON, HTTP_X_MATPHO_COOKIE="1")
        cookie = answer.cookies["matpho"]
        assert answer.json()["token"] is None
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie.value.startswith("mp_")
        assert cookie.value not in answer.content.decode()
        assert client.get("/api/v1/me/").status_code == 200

    def test_a_stale_cookie_does_not_keep_anybody_out(self, client: Client, live_cast: Cast) -> None:
        typed = issue(client, live_cast)["typed"]
        client.cookies["matpho"] = "mp_stale"
        problem(client.get("/api/v1/me/"), 401, "not_signed_in")
        answer = client.post("/api/v1/sessions/", {"code": typed, "device_name": "Máy"}, JSON, HTTP_X_MATPHO_COOKIE="1")
        assert answer.status_code == 201
        assert client.get("/api/v1/me/").status_code == 200

    def test_the_same_idempotency_key_keeps_one_slot(self, client: Client, live_cast: Cast) -> None:
        issued = issue(client, live_cast, slots=1)
        body = {"code": issued["qr"], "device_name": "Máy"}
        first, again = (
            client.post("/api/v1/sessions/", body, JSON, HTTP_IDEMPOTENCY_KEY="key-of-an-1").json() for _n in range(2)
        )
        assert first["device"] == again["device"]
        assert first["token"] != again["token"]
        old = client.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {first['token']}")
        problem(old, 401, "not_signed_in")

    def test_too_many_guesses_say_when_to_come_back(self, client: Client, live_cast: Cast) -> None:
        body = {"code": "HG7-ZZZZ-ZZZZ", "device_name": "Máy"}
        for _n in range(20):
            problem(client.post("/api/v1/sessions/", body, JSON), 400, "code_refused")
        answer = client.post("/api/v1/sessions/", body, JSON)
        problem(answer, 429, "too_many")
        assert 3600 <= int(answer["Retry-After"]) <= 3901

    @pytest.mark.parametrize(
        "body", [{}, {"code": ""}, {"code": "x" * 201, "device_name": "a"}, {"code": 5}, [], "[1]", None]
    )
    def test_bad_bodies_are_bad_input(self, client: Client, live_cast: Cast, body: Any) -> None:
        problem(client.post("/api/v1/sessions/", body, JSON), 400, "bad_input")

    def test_signing_out_ends_the_token(self, client: Client, live_cast: Cast) -> None:
        assert client.delete("/api/v1/sessions/current/", **live_cast.an.bearer).status_code == 204
        problem(client.get("/api/v1/me/", **live_cast.an.bearer), 401, "not_signed_in")


class TestCookie:
    """A browser sends the cookie by itself: an unsafe request must also show the CSRF token and its origin."""

    @pytest.fixture
    def page(self, live_cast: Cast) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.cookies["matpho"] = live_cast.binh.token
        client.cookies["csrftoken"] = "a" * 32
        return client

    def test_reading_needs_no_more(self, page: Client) -> None:
        assert page.get("/api/v1/me/").status_code == 200

    def test_writing_without_the_csrf_token_is_refused(self, page: Client, live_cast: Cast) -> None:
        body = {"household": str(live_cast.an.household.id)}
        problem(page.post("/api/v1/codes/", body, JSON), 403, "csrf")
        assert page.post("/api/v1/codes/", body, JSON, HTTP_X_CSRFTOKEN="a" * 32).status_code == 201

    def test_another_origin_is_refused_even_with_it(self, page: Client, live_cast: Cast) -> None:
        body = {"household": str(live_cast.an.household.id)}
        for origin in ("https://evil.example", "null"):
            answer = page.post("/api/v1/codes/", body, JSON, HTTP_X_CSRFTOKEN="a" * 32, HTTP_ORIGIN=origin)
            problem(answer, 403, "csrf")

    def test_an_app_with_a_bearer_needs_none(self, live_cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        body = {"household": str(live_cast.an.household.id)}
        assert client.post("/api/v1/codes/", body, JSON, **live_cast.binh.bearer).status_code == 201

    @pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", "Token mp_x", "Bearer mp_x y"])
    def test_a_broken_header_never_falls_back_to_the_cookie(self, page: Client, header: str) -> None:
        answer = page.get("/api/v1/me/", HTTP_AUTHORIZATION=header)
        problem(answer, 401, "not_signed_in")


class TestPermission:
    def test_a_view_that_names_no_action_is_denied(self, live_cast: Cast) -> None:
        class Silent(APIView):
            def get(self, request: Any) -> Response:
                return Response("never")

        request = APIRequestFactory().get("/", **live_cast.binh.bearer)
        assert Silent.as_view()(request).status_code == 404

    def test_a_method_that_names_no_action_is_denied(self, live_cast: Cast) -> None:
        class Half(APIView):
            action = {"GET": Action.SEE_SELF}

            def get(self, request: Any) -> Response:
                return Response("yes")

            post = get

        make = APIRequestFactory()
        assert Half.as_view()(make.get("/", **live_cast.an.bearer)).status_code == 200
        assert Half.as_view()(make.post("/", **live_cast.an.bearer)).status_code == 404
        assert Half.as_view()(make.get("/")).status_code == 401


@pytest.mark.both_databases
class TestIdempotencyKey:
    KEY = {"HTTP_IDEMPOTENCY_KEY": "key-of-binh-1"}

    def _issue(self, client: Client, cast: Cast, **headers: str) -> Any:
        return client.post("/api/v1/codes/", {"household": str(cast.an.household.id)}, JSON, **self.KEY, **headers)

    def test_an_act_happens_once_and_answers_the_same(self, client: Client, live_cast: Cast) -> None:
        before = AccessCode.objects.count()
        token = live_cast.binh.token
        first, again = (self._issue(client, live_cast, HTTP_AUTHORIZATION=f"bearer {token}") for _n in range(2))
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert AccessCode.objects.count() == before + 1

    def test_what_was_refused_may_be_tried_again_with_the_same_key(self, client: Client, live_cast: Cast) -> None:
        body = {"household": str(live_cast.cuc.household.id), "name": "Bé Na"}
        problem(client.post("/api/v1/members/", body, JSON, **self.KEY, **live_cast.binh.bearer), 404, "not_found")
        body["household"] = str(live_cast.an.household.id)
        assert client.post("/api/v1/members/", body, JSON, **self.KEY, **live_cast.binh.bearer).status_code == 201

    def test_strangers_behind_one_router_are_not_each_others(self, client: Client, live_cast: Cast) -> None:
        for name in ("one", "two"):
            problem(client.post("/api/v1/cameras/", {"name": name}, JSON, **self.KEY), 401, "not_signed_in")
        assert not IdempotencyRecord.objects.exists()

    def test_a_token_that_was_taken_back_gets_no_second_copy(self, client: Client, live_cast: Cast) -> None:
        assert self._issue(client, live_cast, **live_cast.binh.bearer).status_code == 201
        Device.objects.filter(id=live_cast.binh.device.id).update(revoked_at=live_cast.binh.device.created_at)
        problem(self._issue(client, live_cast, **live_cast.binh.bearer), 401, "not_signed_in")

    @pytest.mark.parametrize("spelling", ["Bearer {} ", "bearer   {}", "Bearer {}\t"])
    def test_nor_does_it_in_another_spelling(self, client: Client, live_cast: Cast, spelling: str) -> None:
        header = {"HTTP_AUTHORIZATION": spelling.format(live_cast.binh.token)}
        assert self._issue(client, live_cast, **header).status_code == 201
        assert self._issue(client, live_cast, **header).status_code == 201
        Device.objects.filter(id=live_cast.binh.device.id).update(revoked_at=live_cast.binh.device.created_at)
        problem(self._issue(client, live_cast, **header), 401, "not_signed_in")
        assert self._issue(client, live_cast, HTTP_AUTHORIZATION="Bearer ").status_code == 401

    def test_one_token_is_one_caller_however_it_is_shown(self, client: Client, live_cast: Cast) -> None:
        first = self._issue(client, live_cast, **live_cast.binh.bearer).json()
        client.cookies["matpho"] = live_cast.binh.token
        assert self._issue(client, live_cast).json() == first


class TestStaff:
    PASSWORD = "binh-mat-khau-dai"

    @pytest.fixture(autouse=True)
    def no_failures_yet(self, valkey: Any) -> None:
        cache.clear()

    def _login(self, client: Client, password: str, kind: str) -> Any:
        body = {"username": "binh", "password": password}
        return client.post(f"/_allauth/{kind}/v1/auth/login", body, JSON)

    def _sign_in(self, client: Client, cast: Cast, kind: str) -> str:
        """Password and second step; the app's session token, empty for a browser."""
        key = totp.fresh_key()
        factors.totp_keep(account=cast.binh.account, secret=key, now=now())
        begun = self._login(client, self.PASSWORD, kind)
        problem(begun, 401, "second_factor_needed")
        token = begun.json()["meta"].get("session_token", "")
        head = {"HTTP_X_SESSION_TOKEN": token} if token else {}
        code = {"code": totp.code_at(key, time.time())}
        done = client.post(f"/_allauth/{kind}/v1/auth/2fa/authenticate", code, JSON, **head)
        assert done.status_code == 200, done.content
        if kind == "app":
            client.cookies.clear()
        return str(done.json()["meta"].get("session_token", token))

    def test_an_app_exchanges_its_sign_in_for_our_token(self, client: Client, live_cast: Cast) -> None:
        session = self._sign_in(client, live_cast, "app")
        body = {"device_name": "Máy tính"}
        answer = client.post("/api/v1/sessions/staff/", body, JSON, HTTP_X_SESSION_TOKEN=session)
        assert answer.status_code == 201, answer.content
        token = answer.json()["token"]
        me = client.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {token}").json()
        assert me["account"]["username"] == "binh"
        assert [role["role"] for role in me["roles"]] == ["leader"]
        again = client.post("/api/v1/sessions/staff/", body, JSON, HTTP_X_SESSION_TOKEN=session)
        problem(again, 401, "not_signed_in")

    def test_a_browser_gets_the_cookie(self, client: Client, live_cast: Cast) -> None:
        self._sign_in(client, live_cast, "browser")
        answer = client.post("/api/v1/sessions/staff/", {"device_name": "Trình duyệt"}, JSON)
        assert answer.status_code == 201, answer.content
        assert answer.json()["token"] is None
        assert answer.cookies["matpho"]["httponly"]
        assert client.get("/api/v1/me/").json()["account"]["display_name"] == "Trần Thị Bình"
        client.cookies.pop("matpho")
        problem(client.post("/api/v1/sessions/staff/", {"device_name": "x"}, JSON), 401, "not_signed_in")

    def test_the_same_key_gets_the_same_token_again(self, client: Client, live_cast: Cast) -> None:
        """The answer was lost on the way, and the first call has ended the sign-in."""
        session = self._sign_in(client, live_cast, "app")
        head = {"HTTP_X_SESSION_TOKEN": session, "HTTP_IDEMPOTENCY_KEY": "key-of-binh-2"}
        body = {"device_name": "Máy tính"}
        first, again = (client.post("/api/v1/sessions/staff/", body, JSON, **head) for _n in range(2))
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
        assert Device.objects.filter(name="Máy tính").count() == 1
        stranger = head | {"HTTP_X_SESSION_TOKEN": "another-sign-in"}
        problem(client.post("/api/v1/sessions/staff/", body, JSON, **stranger), 401, "not_signed_in")
        del head["HTTP_X_SESSION_TOKEN"]
        problem(client.post("/api/v1/sessions/staff/", body, JSON, **head), 401, "not_signed_in")

    def test_the_same_key_gives_a_browser_its_cookie_again(self, client: Client, live_cast: Cast) -> None:
        self._sign_in(client, live_cast, "browser")
        client.cookies["matpho"] = "mp_of-a-sign-in-that-ended"
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        answers = []
        for _n in range(2):  # from the browser as it was before the answer that it never got
            lost = Client()
            lost.cookies.load(cookies)
            answers.append(
                lost.post("/api/v1/sessions/staff/", {"device_name": "T"}, JSON, HTTP_IDEMPOTENCY_KEY="key-of-binh-3")
            )
        first, again = (answer.cookies["matpho"] for answer in answers)
        assert [answer.status_code for answer in answers] == [201, 201]
        assert first.OutputString() == again.OutputString() and first["httponly"]
        assert Client(headers={"Authorization": f"Bearer {again.value}"}).get("/api/v1/me/").status_code == 200

    def test_a_browser_needs_the_csrf_token(self, live_cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(live_cast.binh.account)
        problem(client.post("/api/v1/sessions/staff/", {"device_name": "x"}, JSON), 403, "csrf")

    def test_a_wrong_password_gives_nothing(self, client: Client, live_cast: Cast) -> None:
        assert self._login(client, "wrong-password-1", "app").status_code == 400
        problem(client.post("/api/v1/sessions/staff/", {"device_name": "x"}, JSON), 401, "not_signed_in")

    def test_passwords_cannot_be_guessed_without_end(self, client: Client, live_cast: Cast) -> None:
        for n in range(5):
            assert self._login(client, f"wrong-password-{n}", "app").status_code == 400
        refused = self._login(client, self.PASSWORD, "app")
        problem(refused, 429, "too_many")

    def test_another_host_header_is_not_another_try(self, client: Client, live_cast: Cast) -> None:
        codes = []
        for port in range(1000, 1007):
            body = {"username": "Binh" if port % 2 else "binh", "password": "wrong-password-1"}
            answer = client.post("/_allauth/app/v1/auth/login", body, JSON, HTTP_HOST=f"127.0.0.1:{port}")
            codes.append(answer.json()["code"])
        assert codes == ["sign_in_refused"] * 5 + ["too_many"] * 2

    def test_a_stranger_who_guesses_shuts_nobody_out(self, client: Client, live_cast: Cast) -> None:
        body = {"username": "binh", "password": "wrong-password-1"}
        for _n in range(7):
            client.post("/_allauth/app/v1/auth/login", body, JSON, REMOTE_ADDR="203.0.113.9")
        assert self._login(client, self.PASSWORD, "app").status_code == 200

    def test_a_name_is_guarded_against_many_addresses(self, client: Client, live_cast: Cast, monkeypatch: Any) -> None:
        monkeypatch.setattr("neighborhoods.signin._BY_NAME", {"login_by_name": "6/d/key"})
        body = {"username": "binh", "password": "wrong-password-1"}
        codes = [
            client.post("/_allauth/app/v1/auth/login", body, JSON, REMOTE_ADDR=f"203.0.113.{n}").json()["code"]
            for n in range(7)
        ]
        assert codes[5:] == ["sign_in_refused", "too_many"]

    def test_what_succeeds_is_not_counted(self, client: Client, live_cast: Cast, monkeypatch: Any) -> None:
        monkeypatch.setattr("neighborhoods.signin._BY_NAME", {"login_by_name": "2/d/key"})
        for _n in range(4):
            assert self._login(client, self.PASSWORD, "app").status_code == 200
            client.cookies.clear()

    @pytest.mark.parametrize(
        "route",
        ["auth/password/request", "auth/signup", "account/email", "auth/reauthenticate", "auth/2fa/trust", "config"],
    )
    def test_of_allauth_only_signing_in_is_open(self, client: Client, live_cast: Cast, route: str) -> None:
        body = {"email": "ai@example.vn", "username": "stranger", "password": "a-long-password-1"}
        for kind in ("app", "browser"):
            problem(client.post(f"/_allauth/{kind}/v1/{route}", body, JSON), 404, "not_found")
            problem(client.get(f"/_allauth/{kind}/v1/{route}"), 404, "not_found")

    def test_without_a_role_there_is_no_token(self, client: Client, live_cast: Cast) -> None:
        live_cast.binh.account.grants.update(ended_at="2020-01-01T00:00Z")
        session = self._login(client, self.PASSWORD, "app").json()["meta"]["session_token"]
        client.cookies.clear()
        body = {"device_name": "Máy tính"}
        answer = client.post("/api/v1/sessions/staff/", body, JSON, HTTP_X_SESSION_TOKEN=session)
        problem(answer, 404, "not_found")


class TestMe:
    def test_my_households_phones_and_cutting_one_off(self, client: Client, live_cast: Cast) -> None:
        typed = issue(client, live_cast)["typed"]
        new = client.post("/api/v1/sessions/", {"code": typed, "device_name": "Máy cháu"}, JSON).json()
        listed = client.get("/api/v1/me/devices/", **live_cast.an.bearer).json()["results"]
        assert [(each["name"], each["current"]) for each in listed] == [("Điện thoại", True), ("Máy cháu", False)]
        url = f"/api/v1/me/devices/{new['device']}/"
        problem(client.delete(url, **live_cast.cuc.bearer), 404, "not_found")
        problem(client.delete(url, **live_cast.binh.bearer), 404, "not_found")
        problem(client.delete(url, **live_cast.an.bearer), 404, "not_found")  # whose it is nobody has said
        body, theirs = {"member": str(live_cast.an.member.id)}, {"HTTP_AUTHORIZATION": f"Bearer {new['token']}"}
        assert client.patch("/api/v1/me/", body, JSON, **theirs).status_code == 200
        listed = client.get("/api/v1/me/devices/", **live_cast.an.bearer).json()["results"]
        assert [each["cuttable"] for each in listed] == [True, True]
        assert client.delete(url, **live_cast.an.bearer).status_code == 204
        problem(client.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {new['token']}"), 401, "not_signed_in")
        assert len(client.get("/api/v1/me/devices/", **live_cast.an.bearer).json()["results"]) == 1

    def test_saying_who_i_am(self, client: Client, live_cast: Cast) -> None:
        Device.objects.filter(id=live_cast.an.device.id).update(member=None)
        me = client.get("/api/v1/me/", **live_cast.an.bearer).json()
        assert me["member"] is None
        assert [each["name"] for each in me["members"]] == ["Nguyễn Văn An"]
        body = {"member": me["members"][0]["id"]}
        told = client.patch("/api/v1/me/", body, JSON, **live_cast.an.bearer).json()
        assert told["member"]["name"] == "Nguyễn Văn An"


class TestCodes:
    def test_the_leader_lists_codes_without_their_secrets(self, client: Client, live_cast: Cast) -> None:
        issued = issue(client, live_cast, slots=2)
        client.post("/api/v1/sessions/", {"code": issued["typed"], "device_name": "Máy"}, JSON)
        answer = client.get(f"/api/v1/codes/?household={live_cast.an.household.id}", **live_cast.binh.bearer)
        row = next(each for each in answer.json()["results"] if each["id"] == issued["code"]["id"])
        assert (row["slots"], row["slots_used"], row["hint"]) == (2, 1, issued["typed"][-2:])
        assert [each["name"] for each in row["devices"]] == ["Máy"]
        assert issued["typed"] not in answer.content.decode()
        assert issued["qr"] not in answer.content.decode()

    def test_revoke_and_reissue(self, client: Client, live_cast: Cast) -> None:
        issued = issue(client, live_cast)
        url = f"/api/v1/codes/{issued['code']['id']}/"
        again = client.post(f"{url}reissue/", {}, JSON, **live_cast.binh.bearer)
        assert again.status_code == 201
        assert again.json()["typed"] != issued["typed"]
        revoked = client.post(f"{url}revoke/", {}, JSON, **live_cast.binh.bearer)
        assert revoked.status_code == 200
        assert revoked.json()["revoked_at"]
        problem(client.post(f"{url}reissue/", {}, JSON, **live_cast.binh.bearer), 409, "code_revoked")

    @pytest.mark.parametrize("who", ["an", "cuc", "dung", "hoa"])
    def test_for_everybody_else_there_are_no_codes(self, client: Client, live_cast: Cast, who: str) -> None:
        bearer = getattr(live_cast, who).bearer
        code = AccessCode.objects.get(household=live_cast.an.household)
        body = {"household": str(live_cast.an.household.id)}
        problem(client.get("/api/v1/codes/", **bearer), 404, "not_found")
        problem(client.post("/api/v1/codes/", body, JSON, **bearer), 404, "not_found")
        problem(client.post(f"/api/v1/codes/{code.id}/revoke/", {}, JSON, **bearer), 404, "not_found")
        problem(client.post(f"/api/v1/codes/{code.id}/reissue/", {}, JSON, **bearer), 404, "not_found")
        problem(client.get("/api/v1/codes/"), 401, "not_signed_in")

    def test_another_neighborhoods_household_is_absent(self, client: Client, live_cast: Cast) -> None:
        body = {"household": str(live_cast.cuc.household.id)}
        problem(client.post("/api/v1/codes/", body, JSON, **live_cast.binh.bearer), 404, "not_found")


class TestPlacesAndPeople:
    def test_everyone_sees_their_own_place(self, client: Client, live_cast: Cast) -> None:
        for who, selectors in (("an", ["HG7"]), ("cuc", ["HG8"]), ("binh", ["HG7"]), ("dung", ["HG7", "HG8"])):
            bearer = getattr(live_cast, who).bearer
            found = client.get("/api/v1/neighborhoods/", **bearer).json()["results"]
            assert [each["selector"] for each in found] == selectors
            wards = client.get("/api/v1/wards/", **bearer).json()["results"]
            assert [each["code"] for each in wards] == ["00691"]

    def test_the_leader_keeps_the_list(self, client: Client, live_cast: Cast) -> None:
        bearer = live_cast.binh.bearer
        body = {"neighborhood": str(live_cast.place.id), "name": "Hộ bà Lan", "address": "Số 99"}
        made = client.post("/api/v1/households/", body, JSON, **bearer)
        assert made.status_code == 201
        assert made.json()["number"] == 13
        problem(client.post("/api/v1/households/", body, JSON, **bearer), 409, "address_taken")
        url = f"/api/v1/households/{made.json()['id']}/"
        renamed = client.patch(url, {"name": "Ho\u0302\u0323 ba\u0300 Mai"}, JSON, **bearer)
        assert renamed.json()["name"] == "Hộ bà Mai"
        member = client.post("/api/v1/members/", {"household": made.json()["id"], "name": "Mai"}, JSON, **bearer)
        assert member.status_code == 201
        left = client.post(f"/api/v1/members/{member.json()['id']}/leave/", {}, JSON, **bearer)
        assert left.json()["left_at"]
        gone = client.post(f"{url}leave/", {}, JSON, **bearer)
        assert gone.json()["left_at"]
        late = client.post("/api/v1/members/", {"household": made.json()["id"], "name": "Mai"}, JSON, **bearer)
        problem(late, 409, "household_left")

    @pytest.mark.parametrize("name", ["Hộ \u202egnàb", "Hộ\u200b", "\u0007", " "])
    def test_a_name_that_cannot_be_seen_is_refused(self, client: Client, live_cast: Cast, name: str) -> None:
        body = {"neighborhood": str(live_cast.place.id), "name": name, "address": "Số 99"}
        answer = client.post("/api/v1/households/", body, JSON, **live_cast.binh.bearer)
        assert answer.status_code == 400
        assert "name" in answer.json()["errors"]

    def test_the_treasurer_reads_and_does_not_write(self, client: Client, live_cast: Cast) -> None:
        bearer = live_cast.hoa.bearer
        assert len(client.get("/api/v1/households/", **bearer).json()["results"]) == 1
        body = {"neighborhood": str(live_cast.place.id), "name": "Hộ", "address": "Số 99"}
        problem(client.post("/api/v1/households/", body, JSON, **bearer), 404, "not_found")

    @pytest.mark.parametrize("who", ["an", "cuc", "dung"])
    def test_for_the_others_there_is_no_list(self, client: Client, live_cast: Cast, who: str) -> None:
        bearer = getattr(live_cast, who).bearer
        for path in ("households/", "members/", f"households/{live_cast.an.household.id}/"):
            problem(client.get(f"/api/v1/{path}", **bearer), 404, "not_found")

    def test_the_leader_next_door_sees_nothing_of_it(self, client: Client, live_cast: Cast) -> None:
        bearer = live_cast.binh.bearer
        cuc = live_cast.cuc
        for path in (f"households/{cuc.household.id}/", f"members/{cuc.member.id}/"):
            problem(client.get(f"/api/v1/{path}", **bearer), 404, "not_found")
            problem(client.patch(f"/api/v1/{path}", {"name": "X"}, JSON, **bearer), 404, "not_found")
            problem(client.post(f"/api/v1/{path}leave/", {}, JSON, **bearer), 404, "not_found")
        assert Household.objects.get(id=cuc.household.id).name == "Hộ bà Cúc"
        listed = client.get(f"/api/v1/households/?neighborhood={live_cast.other_place.id}", **bearer)
        assert listed.json()["results"] == []

    def test_a_filter_that_is_no_id_is_bad_input(self, client: Client, live_cast: Cast) -> None:
        problem(client.get("/api/v1/households/?neighborhood=x", **live_cast.binh.bearer), 400, "bad_input")
