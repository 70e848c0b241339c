"""A small edition for the tests of the partners' pages: five quarters and a year of one source in the shipped area."""

from datetime import date
from typing import Any

from reports.partners.alerts import AlertsTold
from reports.partners.cells import NOT_KNOWN_WHERE, OUTSIDE, WHOLE_AREA
from reports.partners.site import Facts
from tests.areas import derbyshire

AREA = derbyshire()
LEAST = {"police": 5, "emas": 8, "ae": 8}
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1")
HIDDEN = {"Bolsover": ("small", "fewer than 5"), "Erewash": ("protecting", "not shown: it would tell a small number beside it")}  # fmt: skip
Row = dict[str, Any]


def facts(**more: Any) -> Facts:
    """Return the facts of the small edition; `more` takes the place of some."""
    chosen: dict[str, Any] = {
        "area": AREA, "edition": date(2026, 5, 11), "quarters": quarters(), "years": years(), "least": LEAST,
        "alerts": {"2025-03": dict.fromkeys((WHOLE_AREA, *AREA.districts), AlertsTold(1, is_all=True)) | {"Bolsover": None}},
        "hospitals": [{"source": "ae", "site_code": "RFS", "time_stated_share": 0.95, "place_written_share": None,
                       "place_in_centre_share": 0.4, "method_stated_share": 1.0, "police_informed_known_share": 0.65}],
        "complete": [{"source": "police", "title": "Police", "span": "January to March 2025 to January to March 2026", "covered_share": 1.0}],
        "is_simulated": False,
    }  # fmt: skip
    return Facts(**(chosen | more))


def quarters() -> list[Row]:
    return [
        {"quarter": quarter, "district": district} | _number(district, 40 + 10 * n)
        for n, quarter in enumerate(QUARTERS)
        for district in (WHOLE_AREA, NOT_KNOWN_WHERE, *AREA.districts)
    ]


def years() -> list[Row]:
    places = [(centre.district, centre.centre_code) for centre in AREA.current_centres]
    places += [(district, OUTSIDE) for district in AREA.districts]
    return [{"year": 2025, "district": d, "place_code": place} | _number(d, 120) for d, place in places]


def _number(district: str, n: int) -> Row:
    status, note = HIDDEN.get(district, ("shown", ""))
    shown = n if status == "shown" else None
    return {"source": "police", "measure": "nights", "shown": shown, "status": status, "note": note}
