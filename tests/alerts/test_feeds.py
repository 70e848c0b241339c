"""What ops hear of feeds: once when it goes wrong, once when it is mended."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from alerts import steps
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.deliveries import DELIVERIES, VERDICT_REASONS, VERDICTS
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, as_slack, morning, put_coverage

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)
SOURCES = tuple(AREA.sources)


def cover(settings: Settings, until: date, missing: set[tuple[str, date]] | None = None) -> None:
    """Cover the fortnight up to the night before `until`, but for what is missing."""
    nights = [(s, until - timedelta(days=n)) for s in SOURCES for n in range(1, 16)]
    put_coverage(settings, [(s, e, (s, e) not in (missing or set())) for s, e in nights])


def announce(settings: Settings, now: datetime) -> list[str]:
    """Return what is new for ops, as text."""
    n_before = len(_texts(settings))
    steps.announce_feeds(settings, AREA, now)
    return _texts(settings)[n_before:]


def _texts(settings: Settings) -> list[str]:
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit'").sort("sequence")
    return [message["text"] for message in as_slack(outbox)]


def refuse(settings: Settings, day: date, summary: str) -> None:
    """Write a refused delivery of the ambulance service."""
    name, at = f"emas_{day}.csv", morning(day)
    delivery = (f"{name}#ab", "emas", name, "ab", 1, at, at, at - timedelta(days=1), at, False, None, False)
    verdict = (f"{name}#ab", name, "rejected", at, 212, 0, 0, 0, summary)
    with open_warehouse(settings) as warehouse:
        warehouse.append(DELIVERIES, pl.DataFrame([delivery], schema=DELIVERIES.schema, orient="row"))
        warehouse.append(VERDICTS, pl.DataFrame([verdict], schema=VERDICTS.schema, orient="row"))


def test_a_delivery_with_unusually_few_rows_is_told_once(settings: Settings) -> None:
    name, at = f"police_{MONDAY}.csv", morning(MONDAY)
    delivery = (f"{name}#ab", "police", name, "ab", 1, at, at, at - timedelta(days=1), at, False, 12, True)
    verdict = (f"{name}#ab", name, "accepted", at, 12, 12, 0, 1, "12 rows used")
    few = (
        f"{name}: unusually few rows: 12, where about 103 are usual. Ask the provider whether it is complete."
    )
    with open_warehouse(settings) as warehouse:
        warehouse.append(DELIVERIES, pl.DataFrame([delivery], schema=DELIVERIES.schema, orient="row"))
        warehouse.append(VERDICTS, pl.DataFrame([verdict], schema=VERDICTS.schema, orient="row"))
        reason = (f"{name}#ab", "volume_unusual", "", "warning", 0, "", few)
        warehouse.append(VERDICT_REASONS, pl.DataFrame([reason], schema=VERDICT_REASONS.schema, orient="row"))
    cover(settings, MONDAY)
    (said,) = announce(settings, morning(MONDAY) + timedelta(hours=3))
    assert "a delivery may not be whole" in said
    assert "12, where about 103 are usual" in said
    assert announce(settings, morning(MONDAY) + timedelta(hours=4)) == []


def test_a_refused_delivery_of_another_year_is_told_with_its_year(settings: Settings) -> None:
    refuse(settings, date(2025, 3, 30), "its events are of 2026")
    cover(settings, MONDAY)
    steps.announce_feeds(settings, AREA, morning(MONDAY) + timedelta(hours=3))
    with open_warehouse(settings) as warehouse:
        said = warehouse.read(OUTBOX, "message_id LIKE 'refused|%'")["message"][0]
    assert "The night of Saturday 29 March 2025 of this source: not known" in said


def test_nobody_is_bothered_while_all_is_covered(settings: Settings) -> None:
    cover(settings, MONDAY)
    assert announce(settings, morning(MONDAY) + timedelta(hours=3)) == []


def test_a_late_feed_is_announced_once_and_is_not_known_rather_than_quiet(settings: Settings) -> None:
    cover(settings, MONDAY, {("ae", date(2026, 3, 29))})
    (said,) = announce(settings, morning(MONDAY) + timedelta(hours=3))
    assert "the delivery is late" in said
    assert "It was due by 06:00 on Monday 30 March" in said
    assert "The night of Sunday 29 March of this source: not known, not quiet" in said
    assert announce(settings, morning(MONDAY) + timedelta(hours=9)) == []
    assert announce(settings, morning(TUESDAY) + timedelta(hours=3))[1:] != [said]


def test_a_feed_that_comes_again_is_said_once_with_what_is_still_missing(settings: Settings) -> None:
    lost = ("ae", date(2026, 3, 29))
    cover(settings, MONDAY, {lost})
    announce(settings, morning(MONDAY) + timedelta(hours=3))
    cover(settings, TUESDAY, {lost})
    (said,) = announce(settings, morning(TUESDAY) + timedelta(hours=3))
    assert "deliveries come again" in said
    assert "Still not known: Sunday 29 March" in said
    assert announce(settings, morning(TUESDAY) + timedelta(hours=4)) == []


def test_a_manifest_that_contradicts_is_told_with_what_to_do_and_not_as_a_night_left_open(
    settings: Settings,
) -> None:
    name, at = f"police_{MONDAY}.csv", morning(MONDAY)
    delivery = (f"{name}#ab", "police", name, "ab", 1, at, at, at, at, False, 60, True)
    verdict = (
        f"{name}#ab",
        name,
        "accepted",
        at,
        30,
        30,
        0,
        1,
        f"{name}: a manifest that came later says otherwise.",
    )
    reason = (f"{name}#ab", "manifest_contradicts", "", "warning", 0, "", "x")
    with open_warehouse(settings) as warehouse:
        warehouse.append(DELIVERIES, pl.DataFrame([delivery], schema=DELIVERIES.schema, orient="row"))
        warehouse.append(VERDICTS, pl.DataFrame([verdict], schema=VERDICTS.schema, orient="row"))
        warehouse.append(VERDICT_REASONS, pl.DataFrame([reason], schema=VERDICT_REASONS.schema, orient="row"))
    cover(settings, MONDAY, {("police", date(2026, 3, 29))})
    (said,) = announce(settings, morning(MONDAY) + timedelta(hours=3))
    assert "a manifest contradicts a delivery that is in use" in said
    assert "to send the whole file again, or a right manifest" in said


def test_a_feed_is_not_late_before_it_is_due(settings: Settings) -> None:
    cover(settings, MONDAY, {(s, date(2026, 3, 29)) for s in SOURCES})
    assert announce(settings, morning(MONDAY) - timedelta(minutes=1)) == []


def test_a_refused_delivery_says_why_and_what_to_do_and_is_not_called_late_too(settings: Settings) -> None:
    refuse(
        settings, MONDAY, "emas 2026-03-30: 212 rows, manifest says 214. Ask the provider to send it again."
    )
    cover(settings, MONDAY, {("emas", date(2026, 3, 29))})
    (said,) = announce(settings, morning(MONDAY) + timedelta(hours=3))
    assert "a delivery was refused" in said
    assert "212 rows, manifest says 214. Ask the provider (information team, EMAS) to send it again" in said
    cover(settings, MONDAY)
    (mended,) = announce(settings, morning(MONDAY) + timedelta(hours=5))
    assert "mended" in mended


@pytest.mark.parametrize(
    "hostile", ["<!channel> stop", "*bold* _it_ `x`", "<https://evil.test|here>", "@here #ops"]
)
def test_what_a_feed_says_can_neither_ping_nor_link_nor_format(settings: Settings, hostile: str) -> None:
    refuse(settings, MONDAY, f"file {hostile}\x1b[31m\u202e ends")
    cover(settings, MONDAY, {("emas", date(2026, 3, 29))})
    (said,) = announce(settings, morning(MONDAY) + timedelta(hours=3))
    own = said.split("refused.", 1)[1]
    for sign in ("<", ">", "*", "`", "\x1b", "\u202e", "://", "@here", "#ops", " _it_"):
        assert sign not in own


def test_messages_lead_to_the_runbook_and_a_refused_delivery_to_its_page(settings: Settings) -> None:
    served = settings.model_copy(update={"base_url": "http://nights.test/pages"})
    refuse(settings, MONDAY, "212 rows, manifest says 214")
    cover(settings, MONDAY, {("emas", date(2026, 3, 29)), ("ae", date(2026, 3, 29))})
    steps.announce_feeds(served, AREA, morning(MONDAY) + timedelta(hours=1))
    with open_warehouse(settings) as warehouse:
        messages = as_slack(warehouse.read(OUTBOX, "purpose = 'feed'").sort("sequence"))
    urls = [
        [
            button["url"]
            for block in message["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
        ]
        for message in messages
    ]
    assert urls == [
        [
            "http://nights.test/pages/delivery/emas_2026-03-30.csv%23ab",
            "http://nights.test/pages/runbook#rejected-delivery",
        ],
        ["http://nights.test/pages/runbook#late-delivery"],
    ]
