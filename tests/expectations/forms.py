"""Files in the forms that providers send: workbooks, OpenDocument sheets, archives."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime

import xlsxwriter

Sheet = Sequence[Sequence[object]]


def as_xlsx(*sheets: Sheet, touch: Callable[[xlsxwriter.Workbook], object] | None = None) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm:ss"}) as book:
        for n, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"Sheet {n + 1}")
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
        if touch:
            touch(book)
    return file.getvalue()


def as_ods(rows: Sheet, note: str = "") -> bytes:
    """Return the least file that is an OpenDocument sheet."""

    def cell(value: object) -> str:
        if isinstance(value, datetime):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value:,.0f}</text:p></table:table-cell>'
        return (
            f'<table:table-cell office:value-type="string">{note}<text:p>{value}</text:p></table:table-cell>'
        )

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    content = f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="Data">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest})


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
