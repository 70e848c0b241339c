"""Nights for which far fewer incidents came in the whole area than that weekday brings: what ops hear, once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import strong
from alerts.words.other_nights import OtherNights
from nte import negative_binomial as nb
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import say_day
from nte.words import Audience, Verdict, WhyUnknown

WHOLE_AREA = """
WITH known AS (SELECT r.*, n.closes_at FROM night_count_revisions r JOIN nights n USING (evening)
               WHERE r.definition = $3 AND r.known_at <= $1 AND r.evening >= $2),
first AS (SELECT source, evening, min(known_at) AS first_at FROM known WHERE is_covered
          GROUP BY ALL HAVING min(known_at) < max(closes_at) + INTERVAL 36 HOUR),
each AS (SELECT source, evening, centre_code,
                arg_max(n_incidents, known_at) FILTER (known_at <= first_at AND is_covered) AS n_first,
                arg_max(CASE WHEN is_covered THEN n_incidents END, known_at) AS n_now,
                arg_max(is_covered, known_at) AS is_covered
         FROM known JOIN first USING (source, evening) GROUP BY ALL)
SELECT source, evening, sum(n_first)::DOUBLE AS n_first, sum(n_now) FILTER (is_covered)::DOUBLE AS n_incidents,
       count(*) FILTER (is_covered) AS n_places
FROM each GROUP BY ALL ORDER BY ALL
"""
"""Of each source and night: the incidents of the whole area, in no town centre too, as first known and as known now.

Nights that were first known long after, as from a history load, are left out: more of them was in.
"""
PAST: Final = timedelta(weeks=12)
MOST_SURPRISING: Final = 0.0002
"""So few incidents come by chance once in 5,000 nights, or less often: with three sources once in ten years."""
MOST_SHARE: Final = 0.5
FEWEST_SAME, FEWEST_PAST = 3, 8
"""Nights of one weekday, and nights at all, from which it is known what is usual."""
LEAST_SIZE, MOST_SIZE = 1.0, 50.0


@dataclass(frozen=True)
class FewNight:
    """A night of a source, what came for it in the whole area, and what that weekday usually brings."""

    source: str
    evening: date
    n_incidents: float
    expected: float
    size: float
    before: "FewNight | None" = None
    """The night before it, which it is looked at with: two quiet nights say more than one."""

    @property
    def is_far_below(self) -> bool:
        """Say whether chance does not explain it, alone or with the night before."""
        if is_far_below(self.n_incidents, self.expected, self.size):
            return True
        return self._is_pair_far_below() if self.before else False

    def _is_pair_far_below(self) -> bool:
        own = (self, self.before) if self.before else (self,)
        expected = sum(night.expected for night in own)
        scatter = sum(night.expected**2 / night.size for night in own)
        n_incidents = sum(night.n_incidents for night in own)
        is_each = all(night.n_incidents <= MOST_SHARE * night.expected for night in own)
        return is_each and is_far_below(n_incidents, expected, expected**2 / scatter)


def nights_of_area(counts: pl.DataFrame, since: date) -> list[FewNight]:
    """Return the nights from `since` on, each beside those of its weekday. `counts`: the answer to WHOLE_AREA."""
    found: list[FewNight] = []
    for (source,), rows in counts.drop_nulls().sort("evening").group_by("source", maintain_order=True):
        nights: dict[date, FewNight] = {}
        for row in rows.filter(pl.col("evening") >= since - timedelta(days=1)).iter_rows(named=True):
            evening = row["evening"]
            past = rows.filter(pl.col("evening").is_between(evening - PAST, evening - timedelta(days=2)))
            usual = _usual(past, evening)
            if usual is None or row["n_places"] < past["n_places"].median():
                continue
            before = nights.get(evening - timedelta(days=1))
            nights[evening] = FewNight(str(source), evening, row["n_incidents"], *usual, before)
        found += [night for evening, night in nights.items() if evening >= since]
    return found


def _usual(past: pl.DataFrame, evening: date) -> tuple[float, float] | None:
    """Return mean and size of what a night of this weekday usually has when it is first known; None while unknown."""
    if past.height < FEWEST_PAST:
        return None
    counts = past["n_first"].to_numpy()
    weekdays = past["evening"].dt.weekday().to_numpy()
    own = counts[weekdays == evening.isoweekday()]
    chosen = own if len(own) >= FEWEST_SAME else counts
    mean = (float(chosen.sum()) + 0.5) / (len(chosen) + 1)
    return mean, nb.size_of_groups(counts, weekdays, mean, least=LEAST_SIZE, most=MOST_SIZE)


def few_intents(
    area: Area, nights: Sequence[FewNight], *, outbox: pl.DataFrame, base_url: str = ""
) -> list[Intent]:
    """Return what ops have not been told yet of nights that are far too quiet."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    intents: list[Intent] = []
    for night in nights:
        head_id = f"few|{night.source}|{night.evening}"
        if night.is_far_below:
            text = _say(night, writer.area)
            intents += writer.head(head_id, text, _SMALL, links=writer.links.runbook("far-too-few-incidents"))
        elif head_id in writer.told:
            title = f"{area.source_title(night.source)}: incidents have come in."
            small = f"The night of {say_day(night.evening)} is no longer far below what was to be expected."
            intents += writer.ended(head_id, f"{strong(title)} {small}")
    return intents


def is_far_below(n_incidents: float, expected: float, size: float) -> bool:
    """Say whether a night's incidents in the whole area are far fewer than chance leaves."""
    if n_incidents > MOST_SHARE * expected:
        return False
    chance = 1.0 - nb.tail_probability(np.floor(n_incidents) + 1, expected, size)
    return bool(chance < MOST_SURPRISING)


def doubted_nights(nights: Sequence[FewNight]) -> set[tuple[str, date]]:
    """Return source and evening of each night that is far too quiet to be told as one."""
    found = {(night.source, night.evening) for night in nights if night.is_far_below}
    pairs = [night.before for night in nights if night.is_far_below and night.before]
    return found | {(b.source, b.evening) for b in pairs if b.n_incidents <= MOST_SHARE * b.expected}


def without_doubted(judgements: pl.DataFrame, doubted: Collection[tuple[str, date]]) -> pl.DataFrame:
    """Return judgements in which doubted nights are not known; what is above stays so."""
    keys = pl.DataFrame(list(doubted), {"source": pl.String, "evening": pl.Date}, orient="row")
    marked = judgements.join(
        keys.with_columns(is_doubted=True), on=["source", "evening"], how="left", maintain_order="left"
    )
    is_above = pl.col("verdict").is_in([str(Verdict.ABOVE), str(Verdict.FAR_ABOVE)])
    is_doubted = pl.col("is_doubted").fill_null(value=False) & ~is_above
    return marked.with_columns(
        pl.when(is_doubted).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in (("verdict", str(Verdict.UNKNOWN)), ("why_unknown", str(WhyUnknown.UNUSABLE)))
    ).drop("is_doubted")


def counts_without_doubted(counts: OtherNights, doubted: Collection[tuple[str, date]]) -> OtherNights:
    """Return counts of nights without those of doubted ones."""
    kept = {series: n for series, n in counts.counts.items() if (series[2], series[0]) not in doubted}
    return OtherNights(kept, counts.expected)


_SMALL = "The digest says that it is not known. A failed export looks like peace."


def _say(night: FewNight, area: Area) -> str:
    title = strong(f"{area.source_title(night.source)}: far fewer incidents than expected.")
    said = policy_of(area).say_count(night.source, round(night.n_incidents), Audience.OPS)
    with_before = ""
    if night.before and not is_far_below(night.n_incidents, night.expected, night.size):
        with_before = " It is the second such night."
    return (
        f"{title} The night of {say_day(night.evening)} has {said} in the whole area, where about "
        f"{night.expected:.0f} are usual on that day of the week when it is first known.{with_before} Ask the provider "
        "whether all was sent and whether its codes have changed."
    )
