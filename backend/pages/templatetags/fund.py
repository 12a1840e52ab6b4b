"""Money in templates: whole đồng, written as people here write them."""

from django import template

from neighborhoods.fund.receipt_paper import digits

register = template.Library()


@register.filter
def dong(amount: int | None) -> str:
    """``1.234.000 đ`` that no line breaks apart; empty where there is no amount."""
    return "" if amount is None else digits(amount).replace(" ", "\u00a0")


@register.filter
def receipt_no(number: int) -> str:
    """``0012``, as on the receipt."""
    return f"{number:04d}"


@register.filter
def house_no(number: int) -> str:
    """``H012``, as on a household's sheet and in its transfers."""
    return f"H{number:03d}"


@register.filter
def bare(amount: int) -> str:
    """``1.234.000``, for a table whose heading says the unit."""
    return f"{amount:,}".replace(",", ".")


@register.filter
def dots(amount: int | None) -> str:
    """``350.000``, for an input; empty for nothing and for nought."""
    return f"{amount:,}".replace(",", ".") if amount else ""
