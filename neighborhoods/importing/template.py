"""The empty list a leader fills in, with headings the import knows and two lines that show how."""

from django.utils.translation import gettext as _

from backend.lib.tables import write_csv, write_xlsx
from neighborhoods.jobfiles import Fetched

HEADINGS = ("Mã hộ", "Số nhà", "Ngõ", "Đường", "Chủ hộ", "Điện thoại", "Thành viên", "Loại cư trú")
"""Vietnamese whatever the page's language: they are what the import reads, and what the paper lists say."""
EXAMPLES = (
    ("", "12A", "3", "Nguyễn Huệ", "Nguyễn Văn An", "0912 000 001", "Lê Thị Bé; Nguyễn Văn Út", "Thường trú"),
    ("", "14", "3", "Nguyễn Huệ", "Trần Thị Mận", "", "", "Tạm trú"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template(kind: str) -> Fetched:
    """``kind``: ``csv`` or ``xlsx``."""
    name = f"{_('households')}.{kind}"
    if kind == "csv":
        return Fetched(write_csv(HEADINGS, EXAMPLES), name, "text/csv; charset=utf-8")
    return Fetched(write_xlsx(HEADINGS, EXAMPLES, "Danh sách hộ"), name, XLSX)
