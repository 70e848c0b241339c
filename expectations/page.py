"""The page of a delivery: what was expected of it, what failed, and what to do. Pure: rows in, HTML out."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from expectations.judging import ACCEPTED, ALREADY_SEEN, HELD, REJECTED, WITH_QUARANTINE
from nte.area import Area

Row = dict[str, Any]

VERDICT_WORDS: Final = {
    ACCEPTED: ("Accepted", "good"),
    WITH_QUARANTINE: ("Accepted, some rows set aside", "aside"),
    REJECTED: ("Refused: no row is used", "bad"),
    ALREADY_SEEN: ("Already seen", "good"),
    HELD: ("Held: no row is used until somebody accepts it", "aside"),
}
SEVERITY_WORDS: Final = {
    "critical": ("Refused", "bad", "the delivery is refused"),
    "error": ("Set aside", "aside", "those rows are set aside"),
    "warning": ("Look", "aside", "used, and listed here"),
}
EXPECTED: Final = {
    "unreadable": "It can be read as a table",
    "not_text": "It is text",
    "manifest_unreadable": "Its manifest can be read",
    "not_checked": "It can be checked",
    "not_used": "It can be turned into records",
    "replaced_before_use": "It is still what was checked when its rows are used",
    "columns_missing": "It has every column of the contract",
    "rows_not_as_declared": "It has as many rows as its manifest says",
    "rows_none": "It has rows, or a manifest that says 0",
    "volume_extreme": "It has about as many rows as its weekday brings",
    "volume_unusual": "It has about as many rows as its weekday brings",
    "manifest_contradicts": "A manifest that came later says the same",
    "span_unlikely": "The span of its manifest starts where the deliveries before it end",
    "span_ends_late": "The span of its manifest ends by its own morning",
    "span_leaves_open": "The span of its manifest ends with its last night",
    "source_gone_quiet": "The last few deliveries brought about what is usual",
    "personal_data": "It holds nothing about persons that must not be here",
    "most_rows_at_fault": "Most of its rows can be used",
    "events_under_new_ids": "Its new ids stand for new events",
    "ids_of_other_events": "Its known ids stand for the events that they stood for",
    "events_twice": "Each of its events stands in it once",
    "events_of_an_earlier_year": "Its events are of the year of its name",
    "version_unlikely": "Its versions are numbered as before",
    "another_year": "Its events are of the year of its name",
    "rejected_by_ops": "Nobody has rejected it",
    "row_ragged": "Every row has as many fields as the header",
    "key_missing": "{column} is filled",
    "key_rounded": "{column} is written in full",
    "key_shared": "{column} names one record",
    "version_invalid": "{column} is a whole number from 1",
    "state_unknown": "{column} is one of the known ones",
    "time_skipped": "No time lies in the hour that the clocks skip",  # tested before version 5
    "time_unreadable": "{column} is a time in the agreed format, or empty",
    "time_impossible": "{column} places no row later than the delivery's morning, or too long ago",
    "time_unlikely": "{column} is not later than the delivery's morning, nor too old",
    "times_at_midnight": "Times are times, not dates",
    "order_impossible": "{column} is not before {other}",
    "code_unknown": "{column} is one of the known values, or empty",
    "unplaced_unusual": "Most rows have coordinates in the area",
    "record_repeated": "{column} stands once with each version",
    "version_contradicted": "A version that came before has the same content",
    "columns_unknown": "It has no columns beside those of the contract",
}


def render_page(
    delivery: Row, verdict: Row, reasons: Sequence[Row], results: Sequence[Row], area: Area
) -> str:
    """Return the delivery's page: self-contained, readable on a phone, without a cell of the delivery."""
    words, colour = VERDICT_WORDS[str(verdict["verdict"])]
    return _template().render(
        delivery=delivery,
        verdict={**verdict, "summary": area.ask(str(verdict["summary"]), str(delivery["source"]))},
        verdict_words=words,
        colour=colour,
        source=area.sources[str(delivery["source"])],
        covers_from=_local(delivery["covers_from_at"], area),
        covers_to=_local(delivery["covers_to_at"], area),
        known_at=_local(delivery["known_at"], area),
        decided_at=_local(verdict["decided_at"], area),
        reasons=[_worded(row, delivery, area) for row in sorted(reasons, key=_gravity)],
        results=[_worded(row, delivery, area) for row in results],
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("page.html.j2")


def _gravity(row: Row) -> tuple[int, str, str]:
    return list(SEVERITY_WORDS).index(str(row["severity"])), str(row["rule"]), str(row["column_name"])


def _worded(row: Row, delivery: Row, area: Area) -> Row:
    words, colour, consequence = SEVERITY_WORDS[str(row["severity"])]
    column = str(row["column_name"])
    earlier = {order.later: order.earlier for order in area.sources[str(delivery["source"])].order}
    expected = EXPECTED[str(row["rule"])].format(
        column=column, other=earlier.get(column, "what it must follow")
    )
    message = str(row.get("message", "")).removeprefix(f"{delivery['file_name']}: ")
    worded = {"words": words, "colour": colour, "consequence": consequence, "expected": expected}
    return row | worded | {"message": area.ask(message, str(delivery["source"]))}


def _local(instant: datetime, area: Area) -> str:
    return f"{instant.astimezone(area.clock.time_zone):%a %d %b %Y %H:%M}"
