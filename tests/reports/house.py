"""A small published copy: fifteen weekends of the shipped area, with a surge, an unknown night and a refused file."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from alerts.page.render import render_page as render_messages
from expectations.page import render_page as render_delivery
from nte.columns import Table
from nte.files import write_text
from nte.settings import Settings
from nte.tables.alerts import ALERTS, DECISIONS, OUTBOX
from nte.tables.bands import BANDS, COMPLETENESS
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, NIGHTS
from nte.tables.deliveries import DELIVERIES, VERDICTS
from nte.tables.judgements import JUDGEMENTS
from nte.warehouse import open_warehouse
from reports.night_state import alert_sources
from reports.steps import publish_warehouse
from tests.areas import derbyshire

AREA = derbyshire()
FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 27), date(2026, 3, 28), date(2026, 3, 29)
MONDAY = SUNDAY + timedelta(days=1)
AS_OF = AREA.clock.morning_of(MONDAY)
N_WEEKENDS = 15
ALERT = f"derby|{SATURDAY}|{SATURDAY}|{AREA.alert_definition}"
GOOD, REFUSED = "police_2026-03-30-0a1b2c3d", "ae_2026-03-30-4e5f6a7b"
FILLING_HIGH = 7
HOSTILE = "<script>alert('x')</script> & <b>bold</b>"
Row = dict[str, Any]


def furnish(home: Path, *, is_told: bool = True) -> Settings:
    """Write and publish the small house under `home`; return its settings.

    Not `is_told`: its nights are judged, and nothing is decided or said of them yet.
    """
    settings = Settings(home=home)
    views = [_view(*key) for key in _keys()]
    rows: list[tuple[Table, list[Row]]] = [
        (NIGHTS, AREA.clock.nights_frame(_evenings()).with_columns(events=_events()).to_dicts()),
        (BANDS, [_band(v) for v in views]),
        (NIGHT_COUNTS, [_count(v) for v in views]),
        (NIGHT_COUNT_REVISIONS, [_count(v) for v in views] + [_first_count(v) for v in views if v["n"] > 8]),
        (JUDGEMENTS, [_judgement(v) for v in views if v["evening"] >= FRIDAY]),
        (COMPLETENESS, [_share(source, age) for source in alert_sources(AREA) for age in (1, 2, 3, 7, 14)]),
        (DELIVERIES, [_delivery("police", GOOD, True), _delivery("emas", REFUSED, False)]),
        (VERDICTS, [_verdict(GOOD, "accepted", "fine"), _verdict(REFUSED, "rejected", HOSTILE)]),
    ]
    told: list[tuple[Table, list[Row]]] = [
        (ALERTS, [_alert()]),
        (OUTBOX, [_head(n, channel) for n, channel in enumerate(("#nte-police", "#nte-derby"), start=1)]),
        (DECISIONS, [_decision("first", SUNDAY, True), _decision("unchanged", MONDAY, False)]),
    ]
    with open_warehouse(settings) as warehouse:
        for table, found in rows + told * is_told:
            warehouse.append(table, pl.DataFrame(found, schema=table.schema))
    publish_warehouse(settings, AREA, AS_OF)
    verdict = _verdict(GOOD, "accepted", "fine")
    page = render_delivery(_delivery("police", GOOD, True), verdict, [], [], AREA)
    write_text(settings.reports / "deliveries" / f"{GOOD}.html", page)
    write_text(settings.reports / "slack.html", render_messages({}, AREA, AS_OF, ()))
    return settings


def _evenings() -> list[date]:
    fridays = [FRIDAY - timedelta(weeks=n) for n in reversed(range(N_WEEKENDS))]
    return [friday + timedelta(days=n) for friday in fridays for n in range(3)]


def _events() -> pl.Series:
    return pl.Series(["football_home" if evening == SATURDAY else None for evening in _evenings()])


def _keys() -> list[tuple[date, str, str]]:
    return [
        (evening, centre.centre_code, source)
        for evening in _evenings()
        for centre in AREA.current_centres
        for source in alert_sources(AREA)
    ]


def _view(evening: date, centre: str, source: str) -> Row:
    """Derby's Saturday: police far above, A&E above. Its Sunday: police fill high, the ambulance has not been heard of."""
    usual = (evening.toordinal() * 7 + len(centre) * 3 + len(source)) % 3
    surge = {"police": 19, "ae": 11} if (centre, evening) == ("derby", SATURDAY) else {}
    surge = {"police": FILLING_HIGH} if (centre, evening) == ("derby", SUNDAY) else surge
    verdict = {19: "far_above", 11: "above"}.get(surge.get(source, 0), "within")
    served = source in next(c for c in AREA.current_centres if c.centre_code == centre).covered_by
    is_covered = served and not (evening == SUNDAY and source == "emas")
    return {
        "evening": evening, "centre_code": centre, "source": source, "n": surge.get(source, usual),
        "verdict": verdict if is_covered else "unknown", "is_covered": is_covered, "is_served": served,
    }  # fmt: skip


def _key(view: Row) -> Row:
    return {k: view[k] for k in ("evening", "centre_code", "source")} | {"definition": AREA.alert_definition}


def _count(view: Row) -> Row:
    n = view["n"] if view["is_covered"] else None
    known_at = AREA.clock.morning_of(min(view["evening"] + timedelta(days=2), MONDAY))
    return {**_key(view), "n_incidents": n, "is_covered": view["is_covered"], "known_at": known_at}


def _first_count(view: Row) -> Row:
    return _count(view) | {
        "n_incidents": view["n"] - 5, "known_at": AREA.clock.morning_of(view["evening"] + timedelta(days=1)),
    }  # fmt: skip


def _band(view: Row) -> Row:
    issued = AREA.clock.morning_of(view["evening"] - timedelta(days=view["evening"].weekday() - 3))
    expected = 4.8 if view["centre_code"] == "derby" else 0.7
    return {
        **_key(view), "expected": expected, "lower": 0, "upper": 10, "alert_limit": 12, "alert_level": 0.001,
        "rule": "stands", "dispersion": 20.0, "detectable_ratio": 2.4, "n_training_nights": 300,
        "trained_from": date(2024, 1, 5), "trained_to": FRIDAY - timedelta(days=5), "issued_as_of": issued,
        "is_retrospective": False, "made_at": issued, "model_version": "test",
    }  # fmt: skip


def _judgement(view: Row) -> Row:
    is_known = view["is_covered"]
    return {
        **_key(view), "as_of": AS_OF, "n_incidents": view["n"] if is_known else None,
        "is_covered": is_known, "verdict": view["verdict"], "why_unknown": None if is_known else "late",
        "expected": 4.8, "expected_so_far": 2.9, "alert_limit": 12, "limit_so_far": 8, "known_share": 0.6,
        "p_value": 0.00001 if view["n"] > 8 else 0.6, "stands_chance": 0.98 if view["n"] > 8 else 0.42 if view["n"] == FILLING_HIGH else 0.0,
    }  # fmt: skip


def _share(source: str, age_days: int) -> Row:
    share = {1: 0.5, 2: 0.62, 3: 0.74, 7: 0.9, 14: 1.0}[age_days]
    return {
        "as_of": AS_OF, "source": source, "age_days": age_days, "known_share": share, "n_evidence": 30.0,
        "survival_share": 1.0, "clumping": 1e6,
    }  # fmt: skip


def _delivery(source: str, delivery_id: str, is_conformed: bool) -> Row:
    covers_from = AREA.clock.morning_of(SUNDAY)
    return {
        "delivery_id": delivery_id, "source": source, "file_name": f"{delivery_id[:-9]}.csv", "sha256": "0a1b2c3d" * 8,
        "n_bytes": 1000, "taken_at": AS_OF, "known_at": AS_OF, "covers_from_at": covers_from, "covers_to_at": AS_OF,
        "is_history": False, "n_declared": None, "is_conformed": is_conformed,
    }  # fmt: skip


def _verdict(delivery_id: str, verdict: str, summary: str) -> Row:
    n_accepted = 10 if verdict == "accepted" else 0
    return {
        "delivery_id": delivery_id, "file_name": f"{delivery_id[:-9]}.csv", "verdict": verdict, "decided_at": AS_OF,
        "n_rows": 10, "n_accepted": n_accepted, "n_quarantined": 0, "n_warnings": 0, "summary": summary,
    }  # fmt: skip


def _alert() -> Row:
    morning = AREA.clock.morning_of(SUNDAY)
    return {
        "alert_id": ALERT, "centre_code": "derby", "first_evening": SATURDAY, "last_evening": SATURDAY,
        "definition": AREA.alert_definition, "detectors": "night", "state": "open",
        "headline": "Derby city centre, Saturday 28 March: far more violence than expected",
        "raised_as_of": morning, "changed_as_of": morning,
    }  # fmt: skip


TOLD = (
    '{"spoken":"","headline":"Derby city centre: more violence than expected",'
    '"lead":[[{"text":"Saturday 28 March","is_strong":true}]]}'
)
"""What the channels say of the alert: less than is known of it."""


def _head(sequence: int, channel: str) -> Row:
    """The alert's first message in a channel."""
    empty: Row = dict.fromkeys(OUTBOX.names)
    return empty | {
        "message_id": f"{ALERT}|{channel}|head", "sequence": sequence, "purpose": "alert", "kind": "head",
        "alert_id": ALERT, "channel": channel, "message": TOLD, "written_at": AS_OF, "status": "pending",
        "n_attempts": 0,
    }  # fmt: skip


FACTS = (
    '{"detector":"night","nights":[{"evening":"2026-03-28","centre_code":"derby","sources":'
    '[{"source":"police","verdict":"far_above"},{"source":"ae","verdict":"above"}]}]}'
)


def _decision(reason: str, day: date, is_said: bool) -> Row:
    return {
        "decision_id": f"{ALERT}@{day}", "alert_id": ALERT, "decided_as_of": AREA.clock.morning_of(day),
        "reason": reason, "is_said": is_said, "facts": FACTS,
    }  # fmt: skip
