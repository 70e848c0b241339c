"""What must never be here: columns by name, cells by what they hold. No value is ever returned or told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nte.area import Area, Source
from nte.delivery_text import DeliveryText


@dataclass(frozen=True)
class Finding:
    """Where personal data stands: never what it says."""

    kind: str
    column: str
    rows: tuple[int, ...]


def find_personal_data(text: DeliveryText, source: Source, area: Area, first_date: date) -> list[Finding]:
    """Return where a delivery holds personal data."""
    return []


def find_in_raw_bytes(content: bytes, area: Area) -> list[Finding]:
    """Return what kinds of personal data stand in bytes that cannot be read as a table."""
    return []


def tell_findings(found: Sequence[Finding]) -> str:
    """Return the findings in words."""
    return "; ".join(f"{f.kind} in {f.column}" for f in found)
