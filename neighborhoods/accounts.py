"""Accounts of people who sign in with a password. They are made by an administrator; nobody signs up."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Account


def account_create(*, actor: Actor, username: str, password: str, display_name: str, now: datetime) -> Account:
    """Make an account that holds no role yet. Raises ``BadInput`` per field, ``Conflict`` where the name is taken."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    account = Account(username=username.strip(), display_name=clean_name(display_name, field="display_name"))
    account.date_joined = now
    _validate(account, password)
    account.set_password(password)
    with transaction.atomic():
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError:
            raise Conflict(_("That sign-in name is taken."), code="username_taken") from None
        audit.record(
            actor=actor,
            action="account.created",
            subject=("account", account.id),
            ward_id=None,
            neighborhood_id=None,
            now=now,
        )
    return account


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
