"""What a list says and what it would change: headings as people write them, lines that are wrong, households that are
there."""

from uuid import UUID, uuid4

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.tables import read_table
from backend.lib.text import folded
from neighborhoods.addresses import address_key
from neighborhoods.importing import notes
from neighborhoods.importing.columns import Field, columns_of, is_heading
from neighborhoods.importing.lines import Line, lines_of
from neighborhoods.importing.plan import Known, Plan, Verdict, plan


def lines(text: str) -> list[Line]:
    table = read_table(text.encode(), name="x.csv", is_heading=is_heading)
    return list(lines_of(table.rows, columns_of(table.headings)))


def known(number: int, address: str, *members: str, phone: str = "") -> Known:
    there = {folded(name): (UUID(int=number * 100 + place), phone) for place, name in enumerate(members)}
    return Known(uuid4(), number, f"Hộ {members[0] if members else number}", address, address_key(address), there)


def planned(text: str, *households: Known, used: frozenset[int] | set[int] = frozenset()) -> Plan:
    return plan(lines(text), households, used | {one.number for one in households})


def verdicts(made: Plan) -> list[str]:
    return [f"{one.verdict}:{','.join(str(note[0]) for note in one.notes)}" for one in made.told]


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Số nhà", Field.HOUSE), ("ĐỊA CHỈ", Field.ADDRESS), ("Dia chi nha", Field.ADDRESS), ("Chủ hộ", Field.HEAD),
     ("Họ và tên chủ hộ *", Field.HEAD), ("Họ tên", Field.NAME), ("SĐT (nếu có)", Field.PHONE),
     ("Điện thoại", Field.PHONE), ("Số ĐT", Field.PHONE), ("Thành viên", Field.MEMBERS),
     ("Quan hệ với chủ hộ", Field.RELATION), ("Mã hộ", Field.NUMBER)],
)  # fmt: skip
def test_headings_are_known_however_they_are_written(heading: str, field: Field) -> None:
    assert columns_of([heading]).places == {field: 0}


def test_what_is_not_read_is_told_and_identity_numbers_are_never_read() -> None:
    found = columns_of(["STT", "Địa chỉ", "Số CCCD", "Dân tộc", "Chủ hộ", "Địa chỉ"])
    assert (found.unread, found.sensitive) == (["Dân tộc", "Địa chỉ"], ["Số CCCD"])
    assert not is_heading(["DANH SÁCH HỘ DÂN"]) and not is_heading(["Chủ hộ", "Họ tên"])


def test_a_line_for_a_household() -> None:
    one, two = lines(
        "Số nhà,Ngõ,Đường,Chủ hộ,SĐT,Thành viên\n12A,3,Nguyễn Huệ,Nguyễn Văn An,912345678,Lê Thị Bé; An Út\n"
        "14,,,Bà Hoa,,\n"
    )
    assert (one.address, one.head) == ("Số 12A, ngõ 3, Nguyễn Huệ", "Nguyễn Văn An")
    assert one.people == [["Nguyễn Văn An", "0912345678"], ["Lê Thị Bé", ""], ["An Út", ""]]
    assert (two.line, two.address, two.people) == (3, "Số 14", [["Bà Hoa", ""]])


def test_lines_for_persons_belong_to_the_household_above() -> None:
    read = lines(
        "Địa chỉ,Họ tên,Quan hệ với chủ hộ,Điện thoại\nSố 1,An,Chủ hộ,0912000001\n,Bé,Vợ,\n,Út,Con,0912000002\n"
        "Tổng cộng,,,\n,,,\nSố 2,Bình,chủ hộ,abc\n,Con Bình,con,\n"
    )
    assert [(one.line, one.address, one.head, one.problem) for one in read] == [
        (2, "Số 1", "An", ""), (3, "Số 1", "", ""), (4, "Số 1", "", ""), (5, "Tổng cộng", "", ""),
        (7, "Số 2", "Bình", "bad_phone"), (8, "", "", "no_address"),
    ]  # fmt: skip
    assert read[2].people == [["Út", "0912000002"]]


def test_the_phone_is_the_persons_the_line_is_about() -> None:
    (line,) = lines("Địa chỉ,Chủ hộ,Họ tên,SĐT\nSố 1,An,Bé,0912000001; 0912000002\n")
    assert line.people == [["An", ""], ["Bé", "0912000001"]]
    assert line.extra_phones == 1


def test_wrong_lines_do_not_harm_the_others() -> None:
    read = lines(
        "Mã hộ,Địa chỉ,Chủ hộ,SĐT\n,,An,\nH0x,Số 1,An,\n,Số 2,A\u202en,\n,Số 3,An,12\n,Số "
        + "9" * 300
        + ",An,\n7,,,\n,Số 5,An,\n"
    )
    problems = [one.problem for one in read]
    assert problems == ["no_address", "bad_number", "bad_name", "bad_phone", "bad_address", "", ""]


def test_new_households_are_added_once_however_their_address_is_spelled() -> None:
    made = planned("Địa chỉ,Chủ hộ\nSố 1 ngõ 2,An\n1 ng. 2,Bé\nSố 3,Cúc\n")
    assert [(one.address, one.name, list(one.people.values())) for one in made.outcomes] == [
        ("Số 1 ngõ 2", "Hộ An", [["An", ""], ["Bé", ""]]), ("Số 3", "Hộ Cúc", [["Cúc", ""]]),
    ]  # fmt: skip
    assert made.outcomes[0].registrations == [("other", "Bé")]  # a second family at the address: one household
    assert made.count(Verdict.ADDED) == 2


def test_a_household_that_is_there_only_gains() -> None:
    here = known(5, "Số 1", "Nguyễn Văn An", phone="0912000001")
    text = "Địa chỉ,Chủ hộ,SĐT,Thành viên\nso 1,NGUYỄN VĂN AN,,\nSố 1,Nguyễn Văn An,0912000009,Bé\n"
    made = planned(text, here)
    assert verdicts(made) == ["same:", "changed:phone_changed,member_added"]
    (outcome,) = made.outcomes
    assert list(outcome.phones.values()) == ["0912000009"] and list(outcome.people) == ["be"]
    assert not outcome.new_address


def test_a_number_finds_the_household_and_may_give_it_a_new_address() -> None:
    here, other = known(5, "Số 1", "An"), known(6, "Số 2", "Bình")
    text = "H005,Số 9,An\nH006,Số 9,Bình\n99,,X\n99,Số 50,X\n7,Số 60,Y\n6,Số 1,Bình\n,Số 60,Y\n8,Số 60,Y\n"
    made = planned("Mã hộ,Địa chỉ,Chủ hộ\n" + text, here, other, used={7})
    assert verdicts(made) == [
        "changed:address_changed", "refused:address_taken", "refused:no_such_number", "added:", "refused:number_used",
        "changed:address_changed", "added:", "refused:other_number",
    ]  # fmt: skip
    assert [(one.new_address, one.number) for one in made.outcomes] == [("Số 9", 5), ("Số 1", 6), ("", 99), ("", None)]


def test_an_address_that_two_households_have_is_settled_first() -> None:
    made = planned("Địa chỉ,Chủ hộ\nSố 1,An\n", known(1, "Số 1"), known(2, "Số 1"))
    assert verdicts(made) == ["refused:address_twice"]
    assert made.told[0].notes == [["address_twice", "H001, H002"]]


def test_registrations_are_noted_once() -> None:
    text = "Địa chỉ,Chủ hộ,Loại cư trú\nSố 1,An,Thường trú\nSố 1,Bình,Tạm trú\n"
    made = planned(text)
    assert made.outcomes[0].registrations == [("permanent", ""), ("temporary", "Bình")]
    here = known(1, "Số 1", "An", "Bình")
    here.registrations = {("permanent", ""), ("temporary", "binh")}
    assert verdicts(planned(text, here)) == ["same:", "same:"]


def test_every_word_is_said_in_vietnamese() -> None:
    with translation.override("vi"):
        for word in notes.WORDS:
            told = notes.said([word, "H012"])
            assert told and told != notes.WORDS[word] and "%(" not in told
        assert notes.said(["registration", "temporary"]).endswith("tạm trú")


ADDRESSES = st.sampled_from(["Số 1", "so 1", "Số 2", "Số 3 ngõ 4", "3 ng. 4", ""])
NAMES = st.sampled_from(["An", "Bé", "Cúc", "Nguyễn Văn Đức", ""])
LINES = st.lists(
    st.builds(
        lambda n, address, name, number: Line(n, address, number, name, [[name, ""]] if name else []),
        st.integers(2, 99), ADDRESSES, NAMES, st.sampled_from([None, None, 1, 2, 50]),
    ).filter(lambda line: bool(line.address or line.number)),
    max_size=12,
)  # fmt: skip


@given(LINES)
def test_a_list_never_makes_two_households_of_one_address_or_number(found: list[Line]) -> None:
    here = [known(1, "Số 1", "An"), known(2, "Số 9", "Bình")]
    made = plan(found, here, {1, 2, 50})
    after = {
        one.known.id if one.known else id(one): address_key(one.new_address or one.address) for one in made.outcomes
    }
    after |= {one.id: one.key for one in here if one.id not in after}
    assert len(set(after.values())) == len(after)
    numbers = [one.number for one in made.outcomes if one.number is not None]
    assert len(set(numbers)) == len(numbers)
    assert len(made.told) == len(found)
    assert plan(found, here, {1, 2, 50}).told == made.told
