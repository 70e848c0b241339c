"""The digest: what was above, what was as expected, what is not known yet, and what would have been seen."""

from datetime import date

import polars as pl

from alerts import blocks
from alerts.disclosure import Audience, policy_of
from alerts.facts import Verdict
from alerts.messages import SIGNS
from alerts.mrkdwn import escape
from alerts.weekend import Weekend
from alerts.wording import say_day, say_expected
from nte.area import Area

MOST_LINES = 8
FEWEST_SCORED = 100
"""A share of fewer counts than that says little."""
GREATEST_RISE_SAID = 10.0
"""A rise beyond this is no all-clear that anybody could use."""


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
    if any(small):
        parts.append(blocks.context(*(text for text in small if text)))
    spoken = " ".join([f"{title}.", *said]).replace("*", "").replace("\n", ": ")
    return blocks.payload(spoken, parts)


def _above(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    """Return a line for each centre and night that is above, the gravest first, its sources side by side."""
    above = rows.filter(pl.col("verdict").is_in(["above", "far_above"]))
    nights = above.group_by("centre_code", "evening").agg(
        p_value=pl.col("p_value").min(), is_far=(pl.col("verdict") == "far_above").any()
    )
    ordered = nights.sort("is_far", "p_value", "centre_code", descending=[True, False, False])
    lines = [
        _night_line(area, above.filter(centre_code=code, evening=evening), audience)
        for code, evening in ordered[:MOST_LINES].select("centre_code", "evening").iter_rows()
    ]
    rest = ordered.height - len(lines)
    return "\n".join([*lines, *([f"and {rest} more"] if rest else [])]) or "Nothing."


def _night_line(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    policy = policy_of(area)
    counts = [
        f"{escape(area.sources[r['source']].short_title)} "
        f"{policy.say_count(r['source'], r['n_incidents'], audience)} (usually {say_expected(r['expected'])})"
        for r in rows.sort("source", descending=True).iter_rows(named=True)
    ]
    code, evening = rows.row(0, named=True)["centre_code"], rows.row(0, named=True)["evening"]
    name = next((c.name for c in area.current_centres if c.centre_code == code), code)
    level = max((Verdict(v) for v in rows["verdict"]), key=lambda v: v.rank)
    return f"{SIGNS[level]} *{escape(name)}*, {say_day(evening)}: {', '.join(counts)}"


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
    rated = own.drop_nulls("detectable_ratio").sort("expected", descending=True)
    if rated.is_empty():
        return ""
    busiest = rated.row(0, named=True)
    name = next((c.name for c in area.current_centres if c.centre_code == busiest["centre_code"]), "")
    title, ratio = escape(area.sources[lead].short_title), busiest["detectable_ratio"]
    if ratio > GREATEST_RISE_SAID:
        return f"{escape(name)}: {title} counts here are so small that only an extreme night would have stood out."
    seen = (
        f"{escape(name)}: {title} at {ratio:.1f} times the usual would have been noticed, in 8 of 10 cases."
    )
    return f"{seen} Smaller places need more." if len(codes) > 1 else seen


def _scores(area: Area, judgements: pl.DataFrame, codes: list[str]) -> str:
    """Return how often past nights were not above, where the night can be judged."""
    known = judgements.filter(pl.col("centre_code").is_in(codes), pl.col("verdict") != "unknown")
    if known.height < FEWEST_SCORED:
        return ""
    share = 100 * known.filter(pl.col("verdict") == "within").height / known.height
    return f"Of the last {known.height:,} counts that could be judged, {share:.1f} % were as expected."
