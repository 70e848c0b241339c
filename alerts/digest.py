"""The digest: what was above, what was as expected, what is not known yet, and what would have been seen."""

from datetime import date

import polars as pl

from alerts import blocks
from alerts.disclosure import Audience, policy_of
from alerts.mrkdwn import escape
from alerts.weekend import Weekend
from alerts.wording import say_day, say_expected
from nte.area import Area

MOST_LINES = 12


def write_digest(
    area: Area,
    weekend: Weekend,
    judgements: pl.DataFrame,
    bands: pl.DataFrame,
    codes: list[str],
    *,
    audience: Audience,
) -> blocks.Payload:
    """Return the digest for the readers of some town centres; `judgements`: the latest of each series."""
    own = judgements.filter(pl.col("centre_code").is_in(codes), pl.col("evening").is_in(weekend.evenings))
    title = f"The weekend of {weekend.title}"
    said = [
        f"*Above what was expected*\n{_above(area, own, audience)}",
        f"*As expected*\n{_within(area, own)}",
        f"*Not known yet*\n{_unknown(area, own)}",
    ]
    small = [_seen(area, bands, codes, weekend), _scores(area, judgements, codes)]
    parts = [blocks.header(title), *(blocks.section(text) for text in said)]
    parts.append(blocks.context(*(text for text in small if text)))
    spoken = " ".join([f"{title}.", *said]).replace("*", "").replace("\n", ": ")
    return blocks.payload(spoken, parts)


def _above(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    names = {c.centre_code: c.name for c in area.current_centres}
    policy = policy_of(area)
    above = rows.filter(pl.col("verdict").is_in(["above", "far_above"])).sort(
        "verdict", "evening", "centre_code"
    )
    lines = []
    for r in above.iter_rows(named=True):
        count = policy.say_count(r["source"], r["n_incidents"], audience)
        far = "far above" if r["verdict"] == "far_above" else "above"
        title = escape(area.sources[r["source"]].short_title)
        place = f"{escape(names.get(r['centre_code'], r['centre_code']))}, {say_day(r['evening'])}"
        lines.append(f"{place}: {title} {count} so far, {far} the usual {say_expected(r['expected'])}")
    rest = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"and {rest} more"] if rest > 0 else [])]) or "Nothing."


def _within(area: Area, rows: pl.DataFrame) -> str:
    """Return for each source on how many nights of how many centres nothing stood out."""
    lines = []
    for name, source in area.sources.items():
        own = rows.filter(pl.col("source") == name, pl.col("verdict") != "unknown")
        if own.height:
            n_within = own.filter(pl.col("verdict") == "within").height
            lines.append(
                f"{escape(source.short_title)}: {n_within} of {own.height} nights that could be judged"
            )
    return "\n".join(lines) or "No night could be judged."


def _unknown(area: Area, rows: pl.DataFrame) -> str:
    """Return which nights of which source are unknown, whole or in part."""
    lines = []
    for name, source in area.sources.items():
        own = rows.filter(pl.col("source") == name)
        for (evening,), night in sorted(own.group_by("evening"), key=lambda pair: str(pair[0])):
            n_unknown = night.filter(pl.col("verdict") == "unknown").height
            if n_unknown and isinstance(evening, date):
                part = "" if n_unknown == night.height else f", {n_unknown} of {night.height} town centres"
                lines.append(f"{escape(source.short_title)}, {say_day(evening)}{part}")
    return "\n".join(lines) or "Nothing: every source has delivered."


def _seen(area: Area, bands: pl.DataFrame, codes: list[str], weekend: Weekend) -> str:
    """Return what rise would have been seen, so that an all-clear can be weighed."""
    lead = next(iter(area.sources))
    own = bands.filter(
        pl.col("evening").is_in(weekend.evenings),
        pl.col("centre_code").is_in(codes),
        pl.col("source") == lead,
    )
    ratio = own["detectable_ratio"].median()
    if not isinstance(ratio, float):
        return ""
    title = escape(area.sources[lead].short_title)
    return f"{title}: a night with {ratio:.1f} times the usual would have been seen, in 8 of 10 cases."


def _scores(area: Area, judgements: pl.DataFrame, codes: list[str]) -> str:
    """Return how often past nights were not above, where the night can be judged."""
    known = judgements.filter(pl.col("centre_code").is_in(codes), pl.col("verdict") != "unknown")
    if not known.height:
        return ""
    share = 100 * known.filter(pl.col("verdict") == "within").height / known.height
    return f"Of the last {known.height:,} counts that could be judged, {share:.1f} % were as expected."
