"""Tables from strangers' hands: read whatever a Vietnamese spreadsheet writes, refuse what would blow up."""

import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from backend.lib import xlsxread
from backend.lib.errors import BadInput
from backend.lib.tables import Table, read_table, write_csv, write_xlsx

LIST = "Số nhà,Chủ hộ,SĐT\r\n12/3,Nguyễn Thị Huệ,0912345678\r\n14,Đỗ Hữu Lượng,\r\n"


def read(data: bytes | str, name: str = "hộ.csv", **wanted: object) -> Table:
    return read_table(data.encode() if isinstance(data, str) else data, name=name, **wanted)


def book(rows: list[list[object]], formats: dict[str, str] | None = None) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cell, shown in (formats or {}).items():
        made.active[cell].number_format = shown
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def rewritten(data: bytes, entry: str, content: bytes) -> bytes:
    """``data`` with one entry of the ZIP replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == entry else old.read(info))
    return out.getvalue()


def sheet_xml(inside: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<dimension ref='A1:XFD1048576'/><sheetData>{inside}</sheetData></worksheet>"
    ).encode()


def code_of(data: bytes, **wanted: object) -> str:
    with pytest.raises(BadInput) as caught:
        read(data, **wanted)
    assert caught.value.fields["file"]
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_is_read_in_any_encoding(encoding: str) -> None:
    table = read(LIST.encode(encoding))
    assert table.headings == ["Số nhà", "Chủ hộ", "SĐT"]
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ["12/3", "Nguyễn Thị Huệ", "0912345678"]), (3, ["14", "Đỗ Hữu Lượng", ""]),
    ]  # fmt: skip


def test_windows_1258_keeps_tones_apart_and_is_put_together() -> None:
    apart = b"S\xf4\xec nha\xcc,Chu\xd2 h\xf4\xf2\r\n12,Nguy\xea\xden Thi\xf2 Hu\xea\xf2\r\n"
    table = read(apart)
    assert table.headings == ["Số nhà", "Chủ hộ"]
    assert table.rows[0].cells == ["12", "Nguyễn Thị Huệ"]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_any_separator_does(sign: str) -> None:
    table = read(f'"Số nhà, ngõ"{sign}Chủ hộ\n"5, ngõ 2"{sign}Bà Hoa\n')
    assert table.headings == ["Số nhà, ngõ", "Chủ hộ"]
    assert table.rows[0].cells == ["5, ngõ 2", "Bà Hoa"]


def test_excels_own_line_that_names_the_separator_is_no_heading() -> None:
    table = read("sep=;\nSố nhà;Chủ hộ\n1;A,b,c,d\n")
    assert (table.headings, table.rows[0].number) == (["Số nhà", "Chủ hộ"], 3)


def test_lines_keep_the_number_beside_them_in_the_spreadsheet() -> None:
    assert [row.number for row in read('A,B\n\n"1\n2",x\n,,,\n3,y\n').rows] == [3, 5]
    assert [row.number for row in read(book([["A", "B"], [], ["1", "x"], [None, ""], ["3"]])).rows] == [3, 5]


def test_headings_are_found_below_a_title_and_on_another_sheet() -> None:
    made = openpyxl.Workbook()
    made.active.append(["Hướng dẫn"])
    second = made.create_sheet("Danh sách")
    for row in (["DANH SÁCH HỘ DÂN"], [], ["TT", "Chủ hộ"], [1, "An"]):
        second.append(row)
    out = io.BytesIO()
    made.save(out)
    table = read(out.getvalue(), is_heading=lambda cells: "Chủ hộ" in cells)
    assert table.headings == ["TT", "Chủ hộ"]
    assert (table.rows[0].number, table.rows[0].cells) == (4, ["1", "An"])
    assert code_of(out.getvalue(), is_heading=lambda cells: "Số dư" in cells) == "table_unreadable"


def test_numbers_and_days_of_a_spreadsheet_are_plain_text() -> None:
    row = [86, 912345678.0, 7.25, 1e15, date(2026, 11, 20), datetime(2026, 11, 20, 8, 30), True, 912345678, None, "x"]  # noqa: DTZ001  (a spreadsheet's clock has no zone)
    cells = read(book([["a"] * 10, row], {"H2": "0000000000"})).rows[0].cells
    assert cells == [
        "86", "912345678", "7.25", "1000000000000000", "2026-11-20", "2026-11-20T08:30:00", "TRUE", "0912345678", "",
        "x",
    ]  # fmt: skip


def test_a_formula_is_never_reckoned() -> None:
    cells = read(book([["a", "b"], ["=1+1", "còn đây"]])).rows[0].cells
    assert cells == ["", "còn đây"]  # nobody's spreadsheet has reckoned it yet


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n , \r\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"PK\x03\x04 and no directory", b"\x00" * 40,
     b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, b"a\x8db\n", b"\xff\xfe\x00\xd8a"],
)  # fmt: skip
def test_what_is_no_table_is_refused(data: bytes) -> None:
    assert code_of(data) == "table_unreadable"


def test_too_many_lines_columns_or_letters_are_refused_and_the_line_is_named() -> None:
    assert code_of(b"a\n" + b"1\n" * 11, most_rows=10) == "table_too_large"
    assert code_of(b"a\n" + b"1," * 61 + b"1\n") == "table_too_large"
    assert code_of(b'a\n"' + b"x" * 2001 + b'"\n') == "table_too_large"
    assert code_of(b'a\n1\n"never closed' + b"x\n" * 100_000) == "table_too_large"
    assert code_of(b"x" * 10_000_001) == "table_too_large"
    assert code_of(book([["a"]] + [["1"]] * 11), most_rows=10) == "table_too_large"
    with pytest.raises(BadInput, match="3"):
        read(b"a,b\n1,2\n" + b"x" * 2001)


@pytest.mark.parametrize("blank", [b"\n", b" ,\n", b",,\n"])
def test_lines_of_nothing_are_not_read_for_ever(blank: bytes) -> None:
    data = b"Ho,So\nAn,12\n" + blank * 5_001 + b"Ba,13\n" + blank * (9_000_000 // len(blank))
    began = time.process_time()
    table = read_table(data, name="a.csv")
    assert [row.cells for row in table.rows] == [["An", "12"]]
    assert time.process_time() - began < 2  # it was forty seconds of a processor


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = book([["a"], ["1"]])
    bombs = [
        rewritten(whole, "xl/worksheets/sheet1.xml", b" " * 30_000_000),
        rewritten(whole, "xl/worksheets/sheet1.xml", b" " * 5_000_000),
        rewritten(whole, "xl/styles.xml", b"x" * 25_000_000),
    ]
    many = io.BytesIO(whole)
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(501):
            archive.writestr(f"xl/{number}", b"")
    monkeypatch.setattr(xlsxread.openpyxl, "load_workbook", lambda *_a, **_k: pytest.fail("it was opened"))
    assert [code_of(bomb) for bomb in [*bombs, many.getvalue()]] == ["table_too_large"] * 4


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_said() -> None:
    whole = rewritten(book([["a"], ["1"]]), "xl/worksheets/sheet1.xml", b" " * 3_000_000)
    lying = whole.replace((3_000_000).to_bytes(4, "little"), (900).to_bytes(4, "little"))
    assert lying != whole
    assert code_of(lying) == "table_unreadable"


def test_entities_are_refused() -> None:
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    )
    assert code_of(rewritten(book([["a"]]), "xl/worksheets/sheet1.xml", laughs)) == "table_unreadable"


def test_a_sheet_that_says_it_is_huge_is_read_as_far_as_it_is() -> None:
    inside = '<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2"><v>5</v></c></row>'
    whole = book([["x"]])
    assert read(rewritten(whole, "xl/worksheets/sheet1.xml", sheet_xml(inside))).rows[0].cells == ["5"]
    far = inside + '<row r="1000000000000"><c r="A9"><v>6</v></c></row>'
    assert len(read(rewritten(whole, "xl/worksheets/sheet1.xml", sheet_xml(far))).rows) == 1
    wide = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="XFD1" t="str"><v>b</v></c></row>'
    assert code_of(rewritten(whole, "xl/worksheets/sheet1.xml", sheet_xml(wide))) == "table_too_large"


WHOLE = book([["Số nhà", "Chủ hộ"], ["1", "An"], [2, "Bình"]])
"""Made once: the moment stands in it, and its length hangs on that."""


@examples(max_examples=60)
@given(st.data())
def test_a_damaged_spreadsheet_is_refused_or_read_and_never_an_accident(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _n in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(2, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(whole))
    except BadInput as error:
        assert error.code in {"table_unreadable", "table_too_large"}


@examples(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except BadInput as error:
        assert error.code in {"table_unreadable", "table_too_large"}


EVIL = ["=1+1", "+84 912", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "Hộ bà Hoa", "a=1"]


def test_written_cells_are_never_formulas() -> None:
    text = write_csv(["Tên", "=Tiền"], [[cell, -5, None] for cell in EVIL])
    assert text.startswith(b"\xef\xbb\xbf")
    lines = text.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Tên,'=Tiền"
    assert lines[1:3] == ["'=1+1,-5,", "'+84 912,-5,"]
    assert lines[-2] == "a=1,-5,"
    sheet = openpyxl.load_workbook(
        io.BytesIO(write_xlsx(["Tên"], [[cell, 7, date(2026, 1, 2)] for cell in EVIL], "Sổ/quỹ"))
    ).active
    assert sheet.title == "Sổ quỹ"
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert sheet["A2"].value == "'=1+1" and sheet["B2"].value == 7
    assert sheet["C2"].value == datetime(2026, 1, 2)  # noqa: DTZ001


def test_what_we_write_we_read_back() -> None:
    rows = [["+84912345678", 86], ["Hộ bà Hoa", 1_000_000_000_000]]
    for data in (write_csv(["A", "B"], rows), write_xlsx(["A", "B"], rows, "x")):
        assert [row.cells for row in read(data).rows] == [[row[0], str(row[1])] for row in rows]
