"""What a delivery is wrapped in: a zip archive of one file, or text in UTF-16. Pure: bytes in, bytes out."""

import io
import zipfile
from dataclasses import dataclass
from typing import Final

from nte.area import FileForm
from nte.errors import NteError

ZIP_START: Final = b"PK\x03\x04"
ZIP_STARTS: Final = (ZIP_START, b"PK\x05\x06", b"PK\x07\x08")
XLSX_PART, MIME_PART, ODS_TYPE = (
    "xl/workbook.xml",
    "mimetype",
    b"application/vnd.oasis.opendocument.spreadsheet",
)
MOST_UNPACKED_BYTES: Final = 1 << 30
"""What unpacks to more than 1 GiB is no day's delivery, and would fill the memory."""
OTHER_STARTS: Final = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password; it must be saved as .xlsx, without one",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}
MARKS_OF_ORDER: Final = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
LOOKED_AT: Final = 1 << 12
FOLDER_OF_A_MAC: Final = "__MACOSX/"


class UnreadableDelivery(NteError):  # noqa: N818  the name says what the delivery is
    """A delivery that cannot be read as a table; `reason` says why, without a value of it."""

    def __init__(self, reason: str, *, is_text: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_text = is_text


@dataclass(frozen=True)
class Unpacked:
    """A delivery without what it was wrapped in."""

    content: bytes
    """A workbook as it is; text in UTF-8 where it was UTF-16, else as it was sent."""
    forms: tuple[FileForm, ...]
    """What it is, from the outside in."""

    @property
    def form(self) -> FileForm:
        """What the table itself is."""
        return self.forms[-1]


def unpack(content: bytes) -> Unpacked:
    """Return what a delivery holds, out of its archive and in UTF-8 or as sent. Raises UnreadableDelivery."""
    if not content.startswith(ZIP_STARTS):
        return Unpacked(_as_utf_8(content), ("csv",))
    with _opened(content) as archive:
        if form := _workbook_form(archive):
            return Unpacked(content, (form,))
        inner = _read_only_file(archive)
    if not inner.startswith(ZIP_STARTS):
        return Unpacked(_as_utf_8(inner), ("zip", "csv"))
    with _opened(inner) as archive:
        if form := _workbook_form(archive):
            return Unpacked(inner, ("zip", form))
    raise UnreadableDelivery("it is a zip archive in a zip archive", is_text=False)


def is_plain(content: bytes) -> bool:
    """Say whether it is text as it was sent, which can be searched as it stands."""
    return b"\0" not in content and not content.startswith((*ZIP_STARTS, *MARKS_OF_ORDER, *OTHER_STARTS))


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        n_bytes = sum(part.file_size for part in archive.infolist())
    except Exception:  # noqa: BLE001  see read_part
        raise UnreadableDelivery(
            "it is a zip archive or a workbook, cut short or damaged", is_text=False
        ) from None
    if n_bytes > MOST_UNPACKED_BYTES:
        raise UnreadableDelivery("it is an archive that unpacks to more than 1 GiB", is_text=False)
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise UnreadableDelivery("it is locked with a password; it must be sent without one", is_text=False)
    return archive


def _workbook_form(archive: zipfile.ZipFile) -> FileForm | None:
    names = set(archive.namelist())
    if XLSX_PART in names:
        return "xlsx"
    is_ods = MIME_PART in names and read_part(archive, MIME_PART).strip() == ODS_TYPE
    return "ods" if is_ods else None


def _read_only_file(archive: zipfile.ZipFile) -> bytes:
    names = [part.filename for part in archive.infolist() if not part.filename.endswith("/")]
    names = [name for name in names if not name.startswith(FOLDER_OF_A_MAC)]
    if len(names) != 1:
        raise UnreadableDelivery(f"it is a zip archive of {len(names)} files, not of one", is_text=False)
    return read_part(archive, names[0])


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of an archive. Raises UnreadableDelivery where it is damaged."""
    try:
        return archive.read(name)
    except Exception:  # noqa: BLE001  zipfile, zlib, lzma and bz2 have many ways to say that bytes are damaged
        raise UnreadableDelivery(
            "it is a zip archive or a workbook, cut short or damaged", is_text=False
        ) from None


def _as_utf_8(content: bytes) -> bytes:
    """Return text in UTF-16 or UTF-32 as UTF-8, anything else as it is."""
    for start, kind in OTHER_STARTS.items():
        if content.startswith(start):
            raise UnreadableDelivery(f"it is {kind}", is_text=False)
    encoding = next((name for mark, name in MARKS_OF_ORDER.items() if content.startswith(mark)), None)
    encoding = encoding or _unmarked_utf_16(content[:LOOKED_AT])
    if encoding is None:
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        raise UnreadableDelivery("it is text in UTF-16 that is cut short or damaged", is_text=False) from None


def _unmarked_utf_16(start: bytes) -> str | None:
    """Return in which order of bytes text without a mark is UTF-16: English has every other byte zero."""
    n_pairs = len(start) // 2
    for name, high, low in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if n_pairs and high.count(0) > 0.9 * n_pairs and not low.count(0):
            return name
    return None
