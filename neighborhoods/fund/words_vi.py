"""An amount read aloud in Vietnamese, as a receipt says it beside the digits: nobody adds a nought to words.

As schools teach it: *linh* before a lone unit (105: một trăm linh năm), *mốt*, *tư* and *lăm* after the tens from two
on (21, 24, 25), *lăm* after ten (15), *không trăm* within a number (1 005: một nghìn không trăm linh năm).
"""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
GROUPS = ("", "nghìn", "triệu")
BILLION = 10**9


def read_number(number: int) -> str:
    """A whole number in words, lower case. Raises ``ValueError`` for a negative one: what is owed is said otherwise."""
    if number < 0:
        raise ValueError(f"only what is not negative is read aloud, got {number}")
    return " ".join(_words(number, whole=True)) or DIGITS[0]


def read_amount(dong: int) -> str:
    """An amount of đồng for paper: ``Một triệu hai trăm nghìn đồng``."""
    words = read_number(dong)
    return f"{words[0].upper()}{words[1:]} đồng"


def _words(number: int, *, whole: bool) -> list[str]:
    """``whole``: nothing stands before it, so that leading hundreds are left out."""
    if number >= BILLION:  # a thousand billions are "một nghìn tỷ"
        billions, rest = divmod(number, BILLION)
        return [*_words(billions, whole=True), "tỷ", *(_words(rest, whole=False) if rest else [])]
    said: list[str] = []
    for power in (2, 1, 0):
        group = number // 1000**power % 1000
        if group:
            said += _hundreds(group, full=bool(said) or not whole)
            said += [GROUPS[power]] if power else []
    return said


def _hundreds(group: int, *, full: bool) -> list[str]:
    """Three digits; ``full`` says the hundred even where it is nought, because something stands before it."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    said = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens:
        said += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    elif units and said:
        said.append("linh")
    if units:
        said.append(_unit(units, tens))
    return said


def _unit(units: int, tens: int) -> str:
    if units == 5 and tens:
        return "lăm"
    if tens >= 2:
        return {1: "mốt", 4: "tư"}.get(units, DIGITS[units])
    return DIGITS[units]
