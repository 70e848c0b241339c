"""The digest: what the weekend was, beside the one before and a year before, and what is open or not known yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from alerts.weekends.centre_counts import CentreCounts, KnownShare
from alerts.weekends.weekend import Weekend
from alerts.weekends.young import say_filling_high, say_noted
from alerts.words.message import Message, strong
from alerts.words.other_nights import OtherNights
from alerts.words.wording import NO_MORE, SIGNS, say_beside, say_expected, without_signs
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import listed, say_day, say_limit, say_number
from nte.words import Audience, Verdict, WhyUnknown

MOST_LINES = 8
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
    place: str,
    nights: OtherNights,
    now: datetime,
    still_open: Sequence[str],
    known_share: KnownShare,
    audience: Audience,
) -> Message:
    """Return the digest for the readers of some town centres: what the weekend was, then what else is to be known.

    `judgements`: the latest of each series. `nights`: counts of this weekend's nights, of the weekend before and of a
    year before. `still_open`: a sentence for each open alert. `known_share`: which share of a source's final count of a
    night is usually known now.
    """
    own = judgements.filter(pl.col("centre_code").is_in(codes), pl.col("evening").is_in(weekend.evenings))
    rated = bands.filter(pl.col("evening").is_in(weekend.evenings), pl.col("centre_code").is_in(codes))
    counts = CentreCounts(area, audience, nights, now, known_share)
    filling_high = say_filling_high(area, own, audience)
    parts = {
        "Above what was expected": _above(area, own, audience, known_share),
        "": counts.lines(own, codes, weekend.evenings),
        "Filling high, no alert": filling_high,
        "Open alerts": "\n".join(still_open),
        "Not known yet": _unknown(area, own),
    }
    views = [f"{strong(title)}\n{text}" if title else text for title, text in parts.items() if text]
    to_come = _to_come(area, own, known_share)
    small = [
        say_noted(area, own, rated, audience),
        to_come,
        _seen(area, rated, audience),
        NO_MORE if _has_hidden(area, own, audience) else "",
    ]
    all_clear = AllClear(
        is_so_far=bool(to_come),
        is_known=not _has_unknown(own),
        may_be_said=policy_of(area).hears_all(area, audience) or not _has_hidden(area, own, audience),
        has_open=bool(still_open),
        fills_high=bool(filling_high),
    )
    title = f"{place}, {weekend.title}: {_say_above(own) or all_clear.say(own)}"
    said = [f"{title}: {text}" if title else text for title, text in parts.items() if text]
    spoken = " ".join(f"{text.rstrip('.')}." for text in (title, *said, *small) if text)
    return Message.of(
        without_signs(spoken.replace("\n", "; ")),
        headline=title,
        views=views,
        small=[text for text in small if text],
    )


@dataclass(frozen=True)
class AllClear:
    """What can be said of a weekend on which nothing is above, as its readers may know it."""

    is_so_far: bool
    """Late reports will raise its counts."""
    is_known: bool
    may_be_said: bool
    """No count is hidden that could be above without these readers being told."""
    has_open: bool
    """An alert is open, as it may be about its nights together."""
    fills_high: bool

    def say(self, rows: pl.DataFrame) -> str:
        """Return 'a quiet weekend so far', or that nothing is above in what is known and may be said."""
        if rows.filter(pl.col("verdict") != "unknown").is_empty():
            return "not known yet"
        so_far = " so far" if self.is_so_far else ""
        limits = {"is known": self.is_known, "may be said": self.may_be_said}
        missing = [what for what, is_all in limits.items() if not is_all]
        if not (missing or self.has_open or self.fills_high):
            return f"a quiet weekend{so_far}"
        said = "no night of it above by itself" if self.has_open else "nothing above"
        return f"{said}{so_far}{f' in what {listed(missing)}' if missing else ''}"


def _say_above(rows: pl.DataFrame) -> str:
    """Return '2 nights above what was expected', or '4 town centres … on Saturday'; empty where nothing is."""
    above = rows.filter(pl.col("verdict").is_in(["above", "far_above"])).sort("evening")
    evenings, n_centres = above["evening"].unique(maintain_order=True), above["centre_code"].n_unique()
    if n_centres > 1:
        when = f"{evenings[0]:%A}" if len(evenings) == 1 else "one night or more"
        return f"{n_centres} town centres above what was expected on {when}"
    return f"{say_number(len(evenings), 'night')} above what was expected" if n_centres else ""


def _above(area: Area, rows: pl.DataFrame, audience: Audience, known_share: KnownShare) -> str:
    """Return a line for each centre and night that is above, the gravest first, its sources side by side."""
    above = rows.filter(pl.col("verdict").is_in(["above", "far_above"]))
    nights = above.group_by("centre_code", "evening").agg(
        p_value=pl.col("p_value").min(), is_far=(pl.col("verdict") == "far_above").any()
    )
    ordered = nights.sort(
        "is_far", "p_value", "centre_code", descending=[True, False, False], nulls_last=True
    )
    lines = [
        _night_line(area, above.filter(centre_code=code, evening=evening), audience, known_share)
        for code, evening in ordered[:MOST_LINES].select("centre_code", "evening").iter_rows()
    ]
    rest = ordered.height - len(lines)
    return "\n".join([*lines, *([f"and {rest} more"] if rest else [])])


def _has_unknown(rows: pl.DataFrame) -> bool:
    """Say whether a night is not known, and not only because it is young."""
    is_unknown = (pl.col("verdict") == "unknown") & (pl.col("why_unknown") != WhyUnknown.TOO_EARLY)
    return not rows.filter(is_unknown).is_empty()


def _has_hidden(area: Area, rows: pl.DataFrame, audience: Audience) -> bool:
    """Say whether a count is too small to be said: whether it is above is not said either."""
    policy = policy_of(area)
    known = rows.filter(pl.col("verdict") != "unknown").select("source", "n_incidents").iter_rows()
    return any(not policy.is_shown(source, n, audience) for source, n in known)


def _night_line(area: Area, rows: pl.DataFrame, audience: Audience, known_share: KnownShare) -> str:
    said = [
        _count(area, row, audience, known_share)
        for row in rows.sort("source", descending=True).iter_rows(named=True)
    ]
    code, evening = rows.row(0, named=True)["centre_code"], rows.row(0, named=True)["evening"]
    level = max((Verdict(v) for v in rows["verdict"]), key=lambda v: v.rank)
    return f"{SIGNS[level]} {strong(area.centre_name(code))}, {say_day(evening)}: {'; '.join(said)}"


def _count(area: Area, row: dict[str, Any], audience: Audience, known_share: KnownShare) -> str:
    """Return 'Police 14 so far, about 3 times the usual (about 5), alert above 9'; of a hidden count only that."""
    policy, n, source = policy_of(area), row["n_incidents"], row["source"]
    limit = row["alert_limit"]
    is_full = known_share(source, row["evening"]) >= area.slack.complete_share
    # What is above and has not passed its limit is so by what is still to come.
    so_far = "" if is_full and (limit is None or n > limit) else " so far"
    said = f"{area.source_title(source)} {policy.say_count(source, n, audience)}{so_far}"
    if not policy.is_shown(source, n, audience):
        return f"{said} (usually {say_expected(row['expected'])})"
    return f"{said}, {say_beside(n, row['expected'])}{'' if limit is None else f', {say_limit(limit)}'}"


def _unknown(area: Area, rows: pl.DataFrame) -> str:
    """Return which nights of which source are unknown, whole or in part, why, and whom to ask; empty where none is."""
    lines = []
    for name, source in area.sources.items():
        nights = sorted(
            rows.filter(pl.col("source") == name).group_by("evening"), key=lambda pair: str(pair[0])
        )
        by_reason: dict[str, list[str]] = {}
        for (evening,), night in nights:
            unknown = night.filter(pl.col("verdict") == "unknown")
            if isinstance(evening, date) and unknown.height:
                part = f", {unknown.height} of {night.height} town centres"
                text = f"{say_day(evening)}{'' if unknown.height == night.height else part}"
                by_reason.setdefault(_most_common(unknown["why_unknown"]), []).append(text)
        said = [f"{'; '.join(texts)} ({_say_why(area, name, why)})" for why, texts in by_reason.items()]
        lines += [f"{source.short_title}: {'; '.join(said)}"] if said else []
    return "\n".join(lines)


def _most_common(reasons: pl.Series) -> str:
    return str(reasons.fill_null("").mode().sort()[0])


def _say_why(area: Area, source: str, why: str) -> str:
    """Return 'its delivery is late; ask data desk, extension 1234'."""
    said = WhyUnknown(why).meaning if why else "it cannot be judged yet"
    return f"{said}{area.ask_about(source, why)}"


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
    return (
        f"So far: late reports will raise counts. Usually in by now, last night to first: {', '.join(said)}."
    )


def _seen(area: Area, bands: pl.DataFrame, audience: Audience) -> str:
    """Return what rise would have been noticed in the busiest places, so that an all-clear can be weighed.

    A ratio tells the limit: nothing is said of a place where that lies among the counts that they may not know.
    """
    lead = area.lead_source
    may_name = pl.col("alert_limit") >= policy_of(area).least_shown(lead, audience)
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
