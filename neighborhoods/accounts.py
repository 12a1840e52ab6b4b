"""Accounts of people who sign in with a password. They come by invitation or set-up; nobody signs up."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, devices, tokens
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Account, Device


def account_create(*, actor: Actor, username: str, password: str, display_name: str, now: datetime) -> Account:
    """Make an account that holds no role yet. Raises ``BadInput`` per field, ``Conflict`` where the name is taken."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    account = account_draft(username=username, password=password, display_name=display_name, now=now)
    with transaction.atomic():
        account_keep(account)
        audit.record_all(actor=actor, acts=[made(account)], now=now)
    return account


def account_draft(*, username: str, password: str, display_name: str, now: datetime) -> Account:
    """An account that is nowhere yet, its password hashed: that takes most of a second, in which SQLite's one writer
    must not wait. Whoever was let in by a link goes on with ``account_keep``.

    Names are kept in small letters: sign-in does not tell "Bình" from "bình", and of two such it would let in neither.
    """
    account = Account(username=username.strip().lower(), display_name=clean_name(display_name, field="display_name"))
    account.date_joined = now
    _validate(account, password)
    if Account.objects.filter(username__iexact=account.username).exists():
        raise _taken()
    account.set_password(password)
    return account


def account_keep(account: Account) -> None:
    """Insert the draft, in the caller's transaction; the caller audits (``made``). Raises ``Conflict``."""
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise _taken() from None


def _taken() -> Conflict:
    return Conflict(_("That sign-in name is taken."), code="username_taken")


def made(account: Account) -> audit.Act:
    return audit.Act(action="account.created", subject=("account", account.id))


def password_draft(account: Account, password: str) -> None:
    """Hash a new password into ``account`` for ``password_keep``, before the transaction. Raises ``BadInput``."""
    _validate(account, password)
    account.set_password(password)


def password_keep(account: Account, *, now: datetime, kept_token: str = "") -> None:
    """Write the account's new password and cut its other browsers: who knew the old one is out.

    ``kept_token`` is the browser's in which it was done; without one every browser is cut.
    """
    with transaction.atomic():
        account.save(update_fields=["password"])
        others = Device.objects.filter(account=account).exclude(token_hash=tokens.hash_of(kept_token))
        audit.record(
            actor=Actor(pseudonym=f"account:{account.id}"),
            action="account.password_changed",
            subject=("account", account.id),
            ward_id=None,
            neighborhood_id=None,
            data={"devices": devices.devices_end(others, now=now)},
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
