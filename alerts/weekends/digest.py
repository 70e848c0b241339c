"""The digest: what was above, what was as expected, what is not known yet, and what would have been seen."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from alerts.weekends.weekend import Weekend
from alerts.weekends.young import say_filling_high, say_noted
from alerts.words.message import Message, strong
from alerts.words.wording import SIGNS, say_expected
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import say_day
from nte.words import Audience, Verdict, WhyUnknown

KnownShare = Callable[[str, date], float]
MOST_LINES = 8
FEWEST_SCORED = 100
"""A share of fewer counts than that says little."""
SCORED_SPAN = "last 8 weekends"
MOST_CENTRES_RATED = 3
GREATEST_RISE_SAID = 10.0
"""A rise beyond this is no all-clear that anybody could use."""


def write_digest(
    area: Area,
    weekend: Weekend,
    judgements: pl.DataFrame,
    bands: pl.DataFrame,
    codes: list[str],
    *,
    scores: pl.DataFrame,
    known_share: KnownShare,
    audience: Audience,
) -> Message:
    """Return the digest for the readers of some town centres.

    `judgements`: the latest of each series. `scores`: band_scores as known now, of the whole area.
    `known_share`: which share of a source's final count of a night is usually known now.
    """
    own = judgements.filter(pl.col("centre_code").is_in(codes), pl.col("evening").is_in(weekend.evenings))
    title = f"The weekend of {weekend.title}"
    said = [
        f"{strong('Above what was expected')}\n{_above(area, own, audience)}",
        f"{strong('As expected')}\n{_within(area, own)}",
        f"{strong('Not known yet')}\n{_unknown(area, own, known_share)}",
    ]
    if high := say_filling_high(area, own, audience):
        said.insert(1, f"{strong('Filling high, no alert')}\n{high}")
    rated = bands.filter(pl.col("evening").is_in(weekend.evenings), pl.col("centre_code").is_in(codes))
    small = [say_noted(area, own, rated, audience), _seen(area, rated, audience), say_scores(scores)]
    spoken = " ".join(f"{text.rstrip('.')}." for text in (title, *said, *small) if text)
    return Message.of(
        spoken.replace("\n", ": "), headline=title, views=said, small=[text for text in small if text]
    )


def _above(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    """Return a line for each centre and night that is above, the gravest first, its sources side by side."""
    above = rows.filter(pl.col("verdict").is_in(["above", "far_above"]))
    nights = above.group_by("centre_code", "evening").agg(
        p_value=pl.col("p_value").min(), is_far=(pl.col("verdict") == "far_above").any()
    )
    ordered = nights.sort(
        "is_far", "p_value", "centre_code", descending=[True, False, False], nulls_last=True
    )
    lines = [
        _night_line(area, above.filter(centre_code=code, evening=evening), audience)
        for code, evening in ordered[:MOST_LINES].select("centre_code", "evening").iter_rows()
    ]
    rest = ordered.height - len(lines)
    nothing = (
        "Not known of every night; nothing in those that are known." if _has_unknown(rows) else "Nothing."
    )
    return "\n".join([*lines, *([f"and {rest} more"] if rest else [])]) or nothing


def _has_unknown(rows: pl.DataFrame) -> bool:
    """Say whether a night is not known, and not only because it is young."""
    is_unknown = (pl.col("verdict") == "unknown") & (pl.col("why_unknown") != WhyUnknown.TOO_EARLY)
    return not rows.filter(is_unknown).is_empty()


def _night_line(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    policy = policy_of(area)
    counts = [
        f"{area.source_title(r['source'])} "
        f"{policy.say_count(r['source'], r['n_incidents'], audience)} (usually {say_expected(r['expected'])})"
        for r in rows.sort("source", descending=True).iter_rows(named=True)
    ]
    code, evening = rows.row(0, named=True)["centre_code"], rows.row(0, named=True)["evening"]
    level = max((Verdict(v) for v in rows["verdict"]), key=lambda v: v.rank)
    return f"{SIGNS[level]} {strong(area.centre_name(code))}, {say_day(evening)}: {', '.join(counts)}"


def _within(area: Area, rows: pl.DataFrame) -> str:
    """Return for each source on how many nights of how many centres nothing stood out."""
    said = []
    for name, source in area.sources.items():
        own = rows.filter(pl.col("source") == name, pl.col("verdict") != "unknown")
        if own.height:
            n_within = own.filter(pl.col("verdict") == "within").height
            said.append(f"{source.short_title} {n_within} of {own.height}")
    if not said:
        return "No night could be judged."
    return f"Nights of a town centre that could be judged: {', '.join(said)}."


def _unknown(area: Area, rows: pl.DataFrame, known_share: KnownShare) -> str:
    """Return which nights of which source are unknown, whole or in part, and how much is still to come."""
    lines = []
    for name, source in area.sources.items():
        own = rows.filter(pl.col("source") == name)
        nights = sorted(own.group_by("evening"), key=lambda pair: str(pair[0]))
        missing = [text for (evening,), night in nights if (text := _missing(evening, night))]
        if missing:
            lines.append(f"{source.short_title}: {'; '.join(missing)}")
    to_come = _to_come(area, rows, known_share)
    return "\n".join([*(lines or ["No night is missing."]), *([to_come] if to_come else [])])


def _missing(evening: object, night: pl.DataFrame) -> str:
    n_unknown = night.filter(pl.col("verdict") == "unknown").height
    if not n_unknown or not isinstance(evening, date):
        return ""
    part = "" if n_unknown == night.height else f", {n_unknown} of {night.height} town centres"
    return f"{say_day(evening)}{part}"


def _to_come(area: Area, rows: pl.DataFrame, known_share: KnownShare) -> str:
    """Return of which share of the final counts people can speak now, from the latest night to the first."""
    said = []
    for name, source in area.sources.items():
        known = rows.filter(pl.col("source") == name, pl.col("verdict") != "unknown")
        shares = [known_share(name, evening) for evening in known["evening"].unique().sort(descending=True)]
        if shares and min(shares) < area.slack.complete_share:
            least, most = f"{100 * min(shares):.0f}", f"{100 * max(shares):.0f}"
            span = least if least == most else f"{least} to {most}"
            said.append(f"{source.short_title} {span} %")
    if not said:
        return ""
    return f"Late reports will still raise counts. Usually in by now, last night to first: {', '.join(said)}."


def _seen(area: Area, bands: pl.DataFrame, audience: Audience) -> str:
    """Return what rise would have been noticed in the busiest places, so that an all-clear can be weighed.

    A ratio tells the limit: nothing is said of a place where that lies among the counts that they may not know.
    """
    lead = area.lead_source
    may_name = pl.col("alert_limit") >= policy_of(area).least_shown(lead, audience) - 1
    own = bands.filter(pl.col("source") == lead, may_name).drop_nulls("detectable_ratio")
    rated = (
        own.sort("expected", descending=True)
        .unique("centre_code", keep="first", maintain_order=True)
        .select("centre_code", "detectable_ratio")
    )
    if rated.is_empty():
        return ""
    said = [
        f"{ratio:.1f}{'' if n else ' times the usual'} in {area.centre_name(code)}"
        for n, (code, ratio) in enumerate(rated[:MOST_CENTRES_RATED].iter_rows())
        if ratio <= GREATEST_RISE_SAID
    ]
    title = area.source_title(lead)
    if not said:
        return f"{title} counts are so small here that only an extreme night would have stood out."
    rest = " Smaller places need more." if rated.height > len(said) else ""
    return f"What would have been noticed in 8 of 10 cases: {title} at {', '.join(said)}.{rest}"


def say_scores(scores: pl.DataFrame) -> str:
    """Return in words how the bands of past weekends have done, or that it is too early to say.

    `scores`: band_scores as known now; the latest Monday's row of all sources together is said.
    """
    together = scores.filter(pl.col("source") == "", pl.col("span") == SCORED_SPAN).sort("as_of")
    latest = together[-1].row(0, named=True) if together.height else None
    if latest is None or latest["n_nights"] < FEWEST_SCORED:
        return "How well the bands do cannot be said yet: too few nights are complete."
    n_weekends = latest["n_weekends"]
    weekends = "last complete weekend" if n_weekends == 1 else f"last {n_weekends} complete weekends"
    seen, promised = latest["within_95_share"], latest["within_95_promised_share"]
    return (
        f"How the bands have done in the whole area, {weekends}: {100 * seen:.0f} of 100 counts lay within "
        f"the band that promises {100 * promised:.0f}. {_say_exceedances(latest)}"
    )


def _say_exceedances(row: dict[str, Any]) -> str:
    n_seen, n_chance = row["n_exceedances"], row["n_exceedances_promised"]
    stood = {0: "None stood", 1: "1 stood"}.get(n_seen, f"{n_seen} stood")
    chance = "fewer than 1" if n_chance < 1 else f"about {n_chance:.0f}"
    text = f"{stood} above the alert limit; chance alone brings {chance}"
    if (budget := row["n_exceedances_budget"]) is not None:
        text += f", and {budget:.1f} are budgeted"
    return f"{text}."
