"""Accounts of people who sign in with a password. They come by invitation or set-up; nobody signs up."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, devices, tokens
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Account, Device


def account_create(*, actor: Actor, username: str, password: str, display_name: str, now: datetime) -> Account:
    """Make an account that holds no role yet. Raises ``BadInput`` per field, ``Conflict`` where the name is taken."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    with transaction.atomic():
        account = account_make(username=username, password=password, display_name=display_name, now=now)
        audit.record_all(actor=actor, acts=[made(account)], now=now)
    return account


def account_make(*, username: str, password: str, display_name: str, now: datetime) -> Account:
    """The same for whoever was let in by a link. The caller has asked whether it works, and audits (``made``)."""
    account = Account(username=username.strip(), display_name=clean_name(display_name, field="display_name"))
    account.date_joined = now
    _validate(account, password)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Conflict(_("That sign-in name is taken."), code="username_taken") from None
    return account


def made(account: Account) -> audit.Act:
    return audit.Act(action="account.created", subject=("account", account.id))


def password_set(*, actor: Actor, account: Account, password: str, now: datetime) -> None:
    """A new password by whoever was let in by a link. Every browser of the account is cut. Raises ``BadInput``."""
    _validate(account, password)
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        _cut_and_record(actor, account, Device.objects.filter(account=account), now)


def password_changed(account: Account, *, kept_token: str, now: datetime) -> None:
    """Audit that the account has a new password, and cut its other browsers: who knew the old one is out.

    Call it in the transaction that changed it. ``kept_token`` is the browser's in which it was done.
    """
    others = Device.objects.filter(account=account).exclude(token_hash=tokens.hash_of(kept_token))
    _cut_and_record(Actor(pseudonym=f"account:{account.id}"), account, others, now)


def _cut_and_record(actor: Actor, account: Account, cut: QuerySet[Device], now: datetime) -> None:
    audit.record(
        actor=actor,
        action="account.password_changed",
        subject=("account", account.id),
        ward_id=None,
        neighborhood_id=None,
        data={"devices": devices.devices_end(cut, now=now)},
        now=now,
    )


def _validate(account: Account, password: str) -> None:
    fields: dict[str, list[str]] = {}
    try:
        account.clean_fields(exclude=["password"])
    except ValidationError as error:
        fields |= error.message_dict
    try:
        validate_password(password, account)
    except ValidationError as error:
        fields["password"] = error.messages
    if fields:
        raise BadInput(_("Some fields are not valid."), fields=fields)
