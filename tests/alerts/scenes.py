"""Small scenes for the alerts room: nights as the judging room would have written them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from alerts.slack import blocks
from alerts.words.message import Message
from nte.area import Area
from nte.area_files import load_area
from nte.progress import Look, Step, print_of, read_progress, say_done
from nte.settings import CHECKOUT, Settings
from nte.tables.bands import BAND_SCORES, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.judgements import JUDGEMENTS, WINDOW_SCORES
from nte.warehouse import Warehouse, open_warehouse

AREA = load_area(CHECKOUT / "areas" / "derbyshire")
Row = dict[str, Any]
SATURDAY = date(2026, 3, 28)
LIMIT, EXPECTED = 9, 4.8


def morning(day: date) -> datetime:
    """Return the instant of a day's morning."""
    return AREA.clock.morning_of(day)


@dataclass(frozen=True)
class View:
    """One source's judgement of a night on a morning; the limit so far grows with what is known."""

    source: str
    n: int | None
    verdict: str
    share: float = 0.55
    p: float = 0.0008
    why: str | None = None
    chance: float | None = None

    def row(self, evening: date, centre: str, as_of: datetime) -> Row:
        """Return the judgement's row."""
        return {
            "evening": evening,
            "centre_code": centre,
            "source": self.source,
            "definition": "nte-violence",
            "as_of": as_of,
            "n_incidents": self.n,
            "is_covered": self.n is not None,
            "verdict": self.verdict,
            "why_unknown": self.why,
            "expected": EXPECTED,
            "expected_so_far": EXPECTED * self.share,
            "alert_limit": LIMIT,
            "limit_so_far": max(3, round(LIMIT * self.share)),
            "known_share": self.share,
            "p_value": self.p,
            "stands_chance": self.chance,
        }


def judged(day: date, *views: View, centre: str = "derby", evening: date = SATURDAY) -> list[Row]:
    """Return the rows of one morning's judgements of one night."""
    return [view.row(evening, centre, morning(day)) for view in views]


def settings_in(folder: Path) -> Settings:
    """Return settings whose state lives in `folder`."""
    return Settings(home=folder, warehouse_wait_seconds=5)


def put_judgements(settings: Settings, rows: Iterable[Row]) -> None:
    """Write judgements."""
    frame = pl.DataFrame(list(rows), schema=JUDGEMENTS.schema)
    with open_warehouse(settings) as warehouse:
        warehouse.merge(JUDGEMENTS, frame)
        _say_judged(warehouse, frame)


def put_windows(settings: Settings, rows: Iterable[Row]) -> None:
    """Write window scores."""
    frame = pl.DataFrame(list(rows), schema=WINDOW_SCORES.schema)
    with open_warehouse(settings) as warehouse:
        warehouse.merge(WINDOW_SCORES, frame)
        _say_judged(warehouse, frame)


def _say_judged(warehouse: Warehouse, frame: pl.DataFrame) -> None:
    """Say of every morning of the rows that it was judged, as the judging room does."""
    for as_of in frame["as_of"].unique().sort():
        known = read_progress(warehouse, Step.JUDGE).knowledge_at(as_of) or ""
        look = Look(AREA.clock.morning_of(AREA.clock.local_date(as_of)), as_of, print_of(frame) + known[:16])
        say_done(warehouse, Step.JUDGE, [look], as_of)


def put_coverage(settings: Settings, nights: Iterable[tuple[str, date, bool]], area: Area = AREA) -> None:
    """Write night counts that say which nights are covered."""
    rows = [
        (evening, "derby", source, area.alert_definition, 2 if covered else None, covered, morning(evening))
        for source, evening, covered in nights
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.merge(NIGHT_COUNTS, pl.DataFrame(rows, schema=NIGHT_COUNTS.schema, orient="row"))


def window(centre: str, detector: str, first: date, last: date, day: date, *, score: float = 6.0) -> Row:
    """Return the score of a window on a morning; above 5 is an exceedance."""
    return {
        "centre_code": centre,
        "detector": detector,
        "first_evening": first,
        "last_evening": last,
        "as_of": morning(day),
        "score": score,
        "score_limit": 5.0,
        "is_exceedance": score > 5.0,
        "n_nights": 9,
    }


def band_score(
    monday: date,
    *,
    source: str = "",
    span: str = "last 26 weekends",
    n_exceedances: int = 3,
    mean_pit: float = 0.5,
    is_out: bool | None = None,
) -> Row:
    """Return the score of the bands on a Monday."""
    row: Row = dict.fromkeys(BAND_SCORES.names, 0.1)
    return row | {
        "as_of": morning(monday),
        "source": source,
        "span": span,
        "first_evening": monday - timedelta(weeks=26),
        "last_evening": monday - timedelta(days=8),
        "n_weekends": 8 if "8" in span else 26,
        "n_nights": 1300,
        "within_95_share": 0.968,
        "within_95_promised_share": 0.961,
        "n_exceedances": n_exceedances,
        "n_exceedances_promised": 1.8,
        "n_exceedances_budget": 1.4,
        "mean_pit": mean_pit,
        "drift_p_value": None if is_out is None else 0.0001,
        "is_out_of_bounds": is_out,
    }


def put_scores(settings: Settings, *rows: Row) -> None:
    """Write scores of the bands."""
    with open_warehouse(settings) as warehouse:
        warehouse.merge(BAND_SCORES, pl.DataFrame(list(rows), schema=BAND_SCORES.schema))


def put_shifts(settings: Settings, *rows: tuple[date, str, str, date, float]) -> None:
    """Write shifts: the Monday on which it was named, source, centre, first evening, ratio."""
    made = [
        (morning(monday), source, centre, since, ratio, 5, 1e-5)
        for monday, source, centre, since, ratio in rows
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.merge(LEVEL_SHIFTS, pl.DataFrame(made, schema=LEVEL_SHIFTS.schema, orient="row"))


def as_slack(outbox: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the messages of an outbox as Slack is given them, pictures in their place."""
    said = [Message.model_validate_json(text) for text in outbox["message"]]
    return [blocks.with_picture(blocks.render(message), "F1") for message in said]
