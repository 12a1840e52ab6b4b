"""Template words of the pages: icons, ages and times in the neighborhood's clock."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from backend.lib.clock import VIETNAM, now
from backend.pages import words
from backend.pages.icons import ICONS

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawn sign beside words; never the only bearer of a meaning, so it is hidden from screen readers."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308  (our own constant)
    )


@register.simple_tag
def symbol(name: str) -> SafeString:
    """The same drawing for scripts, which point at it by ``#sign-<name>``."""
    drawn = mark_safe(ICONS[name])  # noqa: S308  (our own constant)
    return format_html('<symbol id="sign-{}" viewBox="0 0 24 24">{}</symbol>', name, drawn)


@register.simple_tag
def sign(name: str) -> SafeString:
    """A drawing that a script may change for another one."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="#sign-{}"></use></svg>',
        name,
    )


@register.filter
def age(at: datetime | None) -> str:
    """``12 s ago``; empty where nothing is known."""
    return words.age((now() - at).total_seconds()) if at else ""


@register.filter
def stamp(text: str | None) -> str:
    """The same of ISO text, as one's own data is told: ``2026-11-20T11:05:00.000Z``."""
    return words.local_time(datetime.fromisoformat(text)) if text else ""


@register.filter
def local(at: datetime | None) -> str:
    """Date and time in Vietnam: ``20/11/2026 18:05``."""
    return words.local_time(at) if at else ""


@register.filter
def picked(at: datetime) -> str:
    """As a field of date and time takes it, on Vietnam's clock: ``2026-11-20T18:05``."""
    return at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


@register.filter
def day(at: datetime | None) -> str:
    """The date in Vietnam: ``20/11/2026``."""
    return words.local_day(at) if at else ""
