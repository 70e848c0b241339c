"""One line a town centre: its nights of a weekend as the first source has them, beside the usual and other weekends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor
from typing import Any

import polars as pl

from alerts.words.message import strong
from alerts.words.other_nights import A_WEEK, A_YEAR, OtherNights
from alerts.words.wording import FEWER_THAN_ONE
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import listed, say_number
from nte.words import Audience, Verdict

KnownShare = Callable[[str, date], float]
FEWEST_LINES, MOST_LINES = 2, 6
WORTH_A_LINE = 3.0
"""Incidents to be expected over the weekend: a smaller town centre has its line where few are larger."""
NOT_KNOWN = Verdict.UNKNOWN.meaning


@dataclass(frozen=True)
class CentreCounts:
    """Says one weekend's counts to one audience."""

    area: Area
    audience: Audience
    nights: OtherNights
    now: datetime
    known_share: KnownShare

    def lines(self, rows: pl.DataFrame, codes: Sequence[str], evenings: Sequence[date]) -> str:
        """Return a line for each of the busiest town centres, and one for the rest.

        `rows`: the weekend's judgements as this audience may know them.
        """
        own = rows.filter(pl.col("source") == self.area.lead_source, pl.col("centre_code").is_in(codes))
        sizes = own.group_by("centre_code").agg(together=pl.col("expected").fill_null(0.0).sum())
        ordered = sizes.sort("together", "centre_code", descending=[True, False])
        n_busy = ordered.filter(pl.col("together") >= WORTH_A_LINE).height
        n_lines = min(max(n_busy, FEWEST_LINES), MOST_LINES)
        told, rest = ordered["centre_code"][:n_lines].to_list(), ordered["centre_code"][n_lines:].to_list()
        lines = [self._line(code, own.filter(centre_code=code), evenings) for code in told]
        return "\n".join([*lines, *([self._rest(rows, rest)] if rest else [])])

    def _line(self, code: str, rows: pl.DataFrame, evenings: Sequence[date]) -> str:
        """Return 'Derby city centre: Police Fri 12, Sat 11, Sun 5 so far (usually 20, 20, 14); the weekend before …'"""
        by_evening = {row["evening"]: row for row in rows.iter_rows(named=True)}
        known = [by_evening.get(evening) for evening in evenings]
        counts = [None if r is None or r["verdict"] == Verdict.UNKNOWN else r["n_incidents"] for r in known]
        said = self._counts(counts, evenings)
        is_young = any(self._is_young(e) for e, n in zip(evenings, counts, strict=True) if n is not None)
        usual = self._usual([r["expected"] for r in known if r is not None and r["expected"] is not None])
        title = self.area.source_title(self.area.lead_source)
        # 'Not known so far' would say that it is to be known soon.
        ends_known = counts[-1] is not None
        now = f"{title}{' so far' if is_young and not ends_known else ''} {said}"
        now += f"{' so far' if is_young and ends_known else ''}{usual}"
        earlier = [
            (label, told)
            for label, by in (("the weekend before", A_WEEK), ("a year before", A_YEAR))
            if (told := self._earlier(code, evenings, by))
        ]
        return f"{strong(self.area.centre_name(code))}: {'; '.join([now, *self._beside(said, earlier)])}"

    def _beside(self, said: str, earlier: Sequence[tuple[str, str]]) -> list[str]:
        """Return 'the weekend before 18, 22, 13'; what is in the same words as now in one."""
        same = [label for label, told in earlier if told == said]
        rest = [f"{label} {told}" for label, told in earlier if told != said]
        return [*rest, *([f"the same {listed(same)}"] if same else [])]

    def _is_young(self, evening: date) -> bool:
        return self.known_share(self.area.lead_source, evening) < self.area.slack.complete_share

    def _counts(self, counts: Sequence[int | None], evenings: Sequence[date] | None = None) -> str:
        """Return each night's count, with its day where `evenings` are given; what is the same each night once."""
        said = [self._count(n) for n in counts]
        if len(said) > 1 and len(set(said)) == 1 and not said[0].isdigit():
            return f"{said[0]} on each night"
        days = [f"{evening:%a} " for evening in evenings] if evenings else [""] * len(said)
        return ", ".join(f"{day}{one}" for day, one in zip(days, said, strict=True))

    def _count(self, n_incidents: int | None) -> str:
        if n_incidents is None:
            return NOT_KNOWN
        return policy_of(self.area).say_count(self.area.lead_source, n_incidents, self.audience)

    def _usual(self, expected: Sequence[float]) -> str:
        said = ["fewer than 1" if x < FEWER_THAN_ONE else f"{floor(x + 0.5)}" for x in expected]
        if not said:
            return ""
        return (
            f" (usually {said[0]} each)"
            if len(set(said)) == 1 < len(said)
            else f" (usually {', '.join(said)})"
        )

    def _earlier(self, code: str, evenings: Sequence[date], by: timedelta) -> str:
        """Return the counts of the same nights before; empty where none of them is known."""
        lead = self.area.lead_source
        counts = [self.nights.count((evening - by, code, lead), self.now) for evening in evenings]
        return self._counts(counts) if any(n is not None for n in counts) else ""

    def _rest(self, rows: pl.DataFrame, codes: Sequence[str]) -> str:
        """Return '13 more town centres: nothing above', or how many were above, in any source, or are not known."""
        own = rows.filter(pl.col("centre_code").is_in(codes))
        above = _centres(own, [Verdict.ABOVE, Verdict.FAR_ABOVE])
        unknown = _centres(own.filter(source=self.area.lead_source), [Verdict.UNKNOWN])
        may_be_said = "" if self._shows_all(own) else " in what may be said"
        said = [f"{len(above)} above, named at the top"] if above else [f"nothing above{may_be_said}"]
        said += [f"{len(unknown)} not known on some night"] if unknown else []
        return f"{say_number(len(codes), 'more town centre')}: {listed(said)}"

    def _shows_all(self, rows: pl.DataFrame) -> bool:
        """Say whether these readers are told of every alert, or none of these counts is too small to be said."""
        policy = policy_of(self.area)
        known = rows.filter(pl.col("verdict") != str(Verdict.UNKNOWN)).select("source", "n_incidents")
        return policy.hears_all(self.area, self.audience) or all(
            policy.is_shown(source, n, self.audience) for source, n in known.iter_rows()
        )


def _centres(rows: pl.DataFrame, verdicts: Sequence[Verdict]) -> set[Any]:
    return set(rows.filter(pl.col("verdict").is_in([str(v) for v in verdicts]))["centre_code"])
