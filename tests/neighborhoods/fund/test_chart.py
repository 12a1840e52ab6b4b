"""The fund's picture: its axis, its bars and line, and that nothing in it runs or escapes."""

from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from neighborhoods.fund import chart
from neighborhoods.fund.chart import Month, Says, axis_for, fund_chart, millions

SAYS = Says("Quỹ", "Thu <b>5</b> & chi", "triệu đồng", "Thu", "Chi", "Còn lại")
AMOUNTS = st.integers(-(10**12), 10**12)
MONTHS = st.lists(
    st.builds(Month, st.just(2026), st.integers(1, 12), AMOUNTS, AMOUNTS, st.integers(0, 10**12)), max_size=20
)
SVG = "{http://www.w3.org/2000/svg}"


@settings(max_examples=200)
@given(AMOUNTS, AMOUNTS)
def test_an_axis_holds_what_it_shows_in_few_round_steps(one: int, other: int) -> None:
    lowest, highest = sorted((one, other))
    axis = axis_for(lowest, highest)
    assert axis.low <= min(lowest, 0) and max(highest, 0) <= axis.high and axis.low < axis.high
    assert 0 in axis.ticks and 2 <= len(axis.ticks) <= chart.MOST_STEPS + 2
    assert str(axis.step).rstrip("0") in ("1", "2", "5", "")


@settings(max_examples=100)
@given(AMOUNTS, AMOUNTS)
def test_an_axis_is_as_fine_as_its_steps_allow(one: int, other: int) -> None:
    """Half of it at least is used, so that no small fund lies flat on the floor."""
    lowest, highest = min(one, other, 0), max(one, other, 0)
    if highest - lowest >= 10:
        axis = axis_for(lowest, highest)
        assert (highest - lowest) * 4 >= axis.high - axis.low


def test_thirty_million_has_steps_of_five() -> None:
    assert axis_for(0, 30_120_000) == chart.Axis(0, 40_000_000, 10_000_000)
    assert axis_for(0, 29_000_000) == chart.Axis(0, 30_000_000, 5_000_000)


def test_millions_are_written_with_a_comma() -> None:
    assert [millions(dong) for dong in (0, 500_000, 2_500_000, 30_000_000, -1_050_000)] == [
        "0", "0,5", "2,5", "30", "-1,05",
    ]  # fmt: skip


@settings(max_examples=100)
@given(MONTHS)
def test_whatever_happened_is_drawn_within_the_picture(months: list[Month]) -> None:
    root = ElementTree.fromstring(chart.alone(fund_chart(months, SAYS)))  # noqa: S314  (our own)
    for bar in root.iter(f"{SVG}rect"):
        top, height = float(bar.get("y")), float(bar.get("height"))
        left, width = float(bar.get("x")), float(bar.get("width"))
        assert top >= chart.TOP - 0.02 and height >= 0 and top + height <= chart.HEIGHT
        assert left >= 0 and left + width <= chart.RIGHT + 0.02
    dots = [float(dot.get("cy")) for dot in root.iter(f"{SVG}circle")]
    shown = months[-chart.MOST_MONTHS :]
    assert len(dots) == len(shown)
    order = sorted(range(len(shown)), key=lambda n: shown[n].balance)
    assert all(dots[a] >= dots[b] for a, b in pairwise(order))  # more money stands higher


def test_a_bar_is_as_high_as_its_amount() -> None:
    months = [Month(2026, 3, 4_000_000, 1_000_000, 3_000_000), Month(2026, 4, 0, 2_000_000, 1_000_000)]
    root = ElementTree.fromstring(fund_chart(months, SAYS))  # noqa: S314  (our own)
    bars = [float(bar.get("height")) for bar in root.iter(f"{SVG}rect") if float(bar.get("y")) < chart.BOTTOM]
    assert bars == [176.0, 44.0, 88.0]


def test_words_are_escaped_and_nothing_runs() -> None:
    drawn = chart.alone(fund_chart([Month(2026, 3, 1, 1, 1)], SAYS))
    assert "Thu &lt;b&gt;5&lt;/b&gt; &amp; chi" in drawn
    assert "<script" not in drawn and "href" not in drawn and "url(" not in drawn
