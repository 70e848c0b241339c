"""What there is to tell: whole seasons as they are judged morning by morning, and weekends of every odd kind."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from forecasts.issuing.limits import detectable_ratio, night_limit, visible_band
from forecasts.judging.nights import judge_nights
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS
from nte.tables.bands import BANDS
from nte.tables.judgements import JUDGEMENTS, WINDOW_SCORES
from nte.words import AlertRule, Verdict, WhyUnknown
from tests.alerts.scenes import AREA, morning

Row = dict[str, Any]
Key = tuple[str, date, str]
"""A count: town centre, evening, source."""
FIRST_FRIDAY = date(2026, 1, 2)
LEVEL, SIZE = 0.004, 6.0
"""More alerts than the budget allows, so that a season has many to learn from."""
WATCHED_DAYS = 21
READ = ("Derby", "Amber Valley")
"""The districts whose channels are read."""
KNOWN = {"police": (0.48, 0.65, 0.75, 0.81, 0.85, 0.88, 0.90), "emas": (0.80, 0.91, 0.95, 0.96, 0.97, 0.98, 1.0),
         "ae": (0.57, 0.70, 0.81, 0.85, 0.88, 0.92, 0.95)}  # fmt: skip
"""Which share of the final count is in, so many mornings after the evening."""
SURVIVAL = 0.98


@dataclass(frozen=True)
class Scene:
    """What the judging room leaves, and the truth behind it: the count of each look."""

    bands: pl.DataFrame
    judgements: pl.DataFrame
    windows: pl.DataFrame
    mornings: tuple[datetime, ...]
    truth: dict[Key, list[tuple[datetime, int | None]]]
    """Each count, with the look from which on it was so."""

    def count(self, key: Key, as_of: datetime) -> int | None:
        """Return a count as it was known at an instant; None where it was not."""
        steps = self.truth.get(key, [])
        place = bisect_right(steps, as_of, key=lambda step: step[0])
        return steps[place - 1][1] if place else None


def season(seed: int, n_weekends: int) -> Scene:
    """Return a season of the whole area: counts that fill, are corrected, and rise here and there."""
    random = np.random.default_rng(seed)
    bands = _bands(random, n_weekends)
    paths = _paths(random, bands, rise=0.06)
    days = 7 * n_weekends + WATCHED_DAYS
    mornings = tuple(morning(FIRST_FRIDAY + timedelta(days=n)) for n in range(1, days))
    looks = [_judge(bands, paths, as_of) for as_of in mornings]
    changed, truth = _changed(looks)
    return Scene(bands, changed, _windows(looks, random, chance=0.5), mornings, truth)


def odd_weekend(seed: int) -> Scene:
    """Return a weekend of the whole area whose limits, verdicts and moves obey the rules and else nothing."""
    random = np.random.default_rng([seed, 1])
    bands = _bands(random, 1)
    least = np.array([AREA.alerts.least_count[s] - 1 for s in bands["source"]])
    odd = least + random.integers(0, 8, bands.height)
    bands = bands.with_columns(
        alert_limit=pl.Series(np.where(random.random(bands.height) < 0.7, odd, bands["alert_limit"]))
    )
    mornings = tuple(morning(FIRST_FRIDAY + timedelta(days=n)) for n in (3, 4, 5, 8, 15))
    looks = [_odd_look(bands, as_of, n, random) for n, as_of in enumerate(mornings)]
    changed, truth = _changed(looks)
    for centre, evening, source in list(truth):
        for weeks in (1, 52):
            n = int(random.choice([0, 2, 4, 5, 7, 8, 9, 11]))
            truth[centre, evening - timedelta(weeks=weeks), source] = [(mornings[0] - timedelta(days=3), n)]
    return Scene(bands, changed, _windows(looks, random, chance=0.9), mornings, truth)


def _bands(random: np.random.Generator, n_weekends: int) -> pl.DataFrame:
    means = {"police": 3.0, "emas": 1.6, "ae": 1.4}
    rows = []
    for place, centre in enumerate(AREA.current_centres):
        for source in centre.covered_by:
            own = means[source] * (6.0 if place == 0 else 1.0) * float(random.gamma(2.0, 0.5))
            for week in range(n_weekends):
                for day, share in ((0, 0.9), (1, 1.2), (2, 0.5)):
                    evening = FIRST_FRIDAY + timedelta(days=7 * week + day)
                    rows.append((evening, centre.centre_code, source, max(0.05, own * share)))
    frame = pl.DataFrame(rows, schema=["evening", "centre_code", "source", "expected"], orient="row")
    mean, size = frame["expected"].to_numpy(), np.full(frame.height, SIZE)
    least = np.array([AREA.alerts.least_count[s] - 1.0 for s in frame["source"]])
    lower, upper = visible_band(mean, size, BandSettings())
    limit = night_limit(LEVEL, mean, size, least)
    return BANDS.conform(
        frame.with_columns(
            definition=pl.lit(AREA.alert_definition), lower=pl.Series(lower), upper=pl.Series(upper),
            alert_limit=pl.Series(limit), alert_level=pl.lit(LEVEL), rule=pl.lit(str(AlertRule.STANDS)),
            dispersion=pl.lit(SIZE), detectable_ratio=pl.Series(detectable_ratio(limit, mean, size, 0.8)),
            n_training_nights=pl.lit(300), trained_from=pl.lit(date(2023, 1, 6)), trained_to=pl.lit(date(2025, 12, 28)),
            issued_as_of=pl.lit(morning(date(2025, 12, 29))), is_retrospective=pl.lit(value=False),
            made_at=pl.lit(morning(date(2025, 12, 29))), model_version=pl.lit("attacked"),
        ).cast({"lower": pl.Int64, "upper": pl.Int64, "alert_limit": pl.Int64})
    )  # fmt: skip


def _paths(
    random: np.random.Generator, bands: pl.DataFrame, *, rise: float
) -> dict[Key, list[tuple[int, int]]]:
    """Return of each record the age at which it comes, and that at which it goes again (999: never)."""
    paths = {}
    surges = {key for key in bands.select("centre_code", "evening").iter_rows() if random.random() < rise}
    for evening, centre, source, mean in bands.select(
        "evening", "centre_code", "source", "expected"
    ).iter_rows():
        factor = (
            float(random.uniform(2.0, 4.0)) if (centre, evening) in surges and random.random() < 0.7 else 1.0
        )
        n_final = int(random.poisson(random.gamma(SIZE, factor * mean / SIZE)))
        steps = np.array([*KNOWN[source], 1.0])
        come = 1 + np.searchsorted(steps, random.random(n_final))
        goes = [int(random.integers(2, 12)) if random.random() < 0.05 else 999 for _ in range(n_final)]
        paths[centre, evening, source] = [
            (int(c) if c < len(steps) else 14, g) for c, g in zip(come, goes, strict=True)
        ]
    return paths


def _judge(bands: pl.DataFrame, paths: dict[Key, list[tuple[int, int]]], as_of: datetime) -> pl.DataFrame:
    """Return every recent night as the judging room judges it on a morning."""
    today = AREA.clock.local_date(as_of)
    due = bands.filter(
        pl.col("evening").is_between(today - timedelta(days=WATCHED_DAYS), today - timedelta(days=1))
    )
    rows = []
    for evening, centre, source in due.select("evening", "centre_code", "source").iter_rows():
        age = (today - evening).days
        n = sum(comes <= age < goes for comes, goes in paths[centre, evening, source])
        share = KNOWN[source][age - 1] if age <= len(KNOWN[source]) else 1.0
        is_late = crc32(f"{source}{evening.toordinal() // 7}".encode()) % 11 == 0 and age <= 2
        rows.append((evening, centre, source, None if is_late else n, not is_late, share, SURVIVAL))
    columns = [
        "evening",
        "centre_code",
        "source",
        "n_incidents",
        "is_covered",
        "known_share",
        "survival_share",
    ]
    schema = dict(
        zip(
            columns,
            (pl.Date, pl.String, pl.String, pl.Int64, pl.Boolean, pl.Float64, pl.Float64),
            strict=True,
        )
    )
    judged = judge_nights(due, pl.DataFrame(rows, schema=schema, orient="row"), AREA.alerts.gamma)
    why = pl.when(~pl.col("is_covered")).then(pl.lit(str(WhyUnknown.LATE)))
    return JUDGEMENTS.conform(judged.with_columns(as_of=pl.lit(as_of), why_unknown=why))


def _odd_look(bands: pl.DataFrame, as_of: datetime, n_look: int, random: np.random.Generator) -> pl.DataFrame:
    """Return a look in which only the rule holds: above from limit and chance on, and never under the least count at the end."""
    rows = []
    busy = {c.centre_code for c in AREA.current_centres if c.district in READ or random.random() < 0.2}
    for band in bands.iter_rows(named=True):
        share = min(1.0, (0.5, 0.7, 0.8, 0.9, 1.0)[n_look] + 0.1 * (band["source"] == "emas"))
        n = int(
            random.choice(
                [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12] if band["centre_code"] in busy else [0, 0, 1, 2, 3]
            )
        )
        chance = (
            1.0
            if n > band["alert_limit"]
            else float(random.choice([0.0, 0.0, 0.2, 0.2, 0.4, 0.8]))
            if share < 0.97 and n
            else 0.0
        )
        verdict = (
            Verdict.WITHIN
            if chance < AREA.alerts.gamma
            else Verdict.FAR_ABOVE
            if random.random() < 0.3
            else Verdict.ABOVE
        )
        is_known = random.random() > 0.1
        rows.append({
            **{name: band[name] for name in ("evening", "centre_code", "source", "definition", "expected", "alert_limit")},
            "as_of": as_of, "n_incidents": n if is_known else None, "is_covered": is_known,
            "verdict": str(verdict) if is_known else str(Verdict.UNKNOWN), "why_unknown": None if is_known else str(WhyUnknown.LATE),
            "expected_so_far": band["expected"] * share, "limit_so_far": None, "known_share": share,
            "p_value": float(nb.tail_probability(n, band["expected"], SIZE)) if is_known else None,
            "stands_chance": chance if is_known else None,
        })  # fmt: skip
    return JUDGEMENTS.conform(pl.DataFrame(rows, schema=JUDGEMENTS.schema))


def _changed(looks: list[pl.DataFrame]) -> tuple[pl.DataFrame, dict[Key, list[tuple[datetime, int | None]]]]:
    """Return the judgements that differ from those before, and every count from the look on at which it was so."""
    seen: dict[Key, tuple[Any, ...]] = {}
    changed: list[Row] = []
    truth: dict[Key, list[tuple[datetime, int | None]]] = defaultdict(list)
    for look in looks:
        for row in look.iter_rows(named=True):
            key = (row["centre_code"], row["evening"], row["source"])
            now = (row["n_incidents"], row["verdict"], row["stands_chance"], row["known_share"])
            if key not in truth or truth[key][-1][1] != row["n_incidents"]:
                truth[key].append((row["as_of"], row["n_incidents"]))
            if seen.get(key) != now:
                changed.append(row)
            seen[key] = now
    return JUDGEMENTS.conform(pl.DataFrame(changed, schema=JUDGEMENTS.schema)), truth


def _windows(looks: list[pl.DataFrame], random: np.random.Generator, *, chance: float) -> pl.DataFrame:
    """Return scores of windows: above by a drawn lot, but never under the least sum of all that is in."""
    rows = [row for look in looks for row in _windows_of(look, random, chance)]
    return WINDOW_SCORES.conform(pl.DataFrame(rows, schema=WINDOW_SCORES.schema))


def _windows_of(look: pl.DataFrame, random: np.random.Generator, chance: float) -> Iterator[Row]:
    if look.is_empty():
        return
    today = AREA.clock.local_date(look["as_of"][0])
    known = look.filter(pl.col("verdict") != str(Verdict.UNKNOWN))
    for window in WINDOWS:
        for last in sorted({e for e in known["evening"] if e.weekday() == 6 and (today - e).days <= 14}):
            first = last - timedelta(days=7 * window.n_weekends - 5)
            if first < FIRST_FRIDAY:
                continue
            span = known.filter(pl.col("evening").is_between(first, last))
            for (centre,), rows in span.group_by("centre_code", maintain_order=True):
                total, usual = int(rows["n_incidents"].sum()), float(np.sum(rows["expected"].to_numpy()))
                is_high = total > 1.4 * usual and total >= AREA.alerts.least_sum[window.detector]
                yield {
                    "centre_code": centre, "detector": str(window.detector), "first_evening": first, "last_evening": last,
                    "as_of": look["as_of"][0], "score": float(total), "score_limit": 1.4 * usual,
                    "is_exceedance": bool(is_high and random.random() < chance), "stands_chance": 0.8 if is_high else 0.0,
                    "n_nights": rows["evening"].n_unique(),
                }  # fmt: skip
