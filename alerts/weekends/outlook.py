"""The outlook: what is to be expected of the coming nights, beside what is usual, and what is special."""

from datetime import date, timedelta

import polars as pl

from alerts.weekends.weekend import Weekend
from alerts.words.message import Message, outside, strong
from alerts.words.wording import FEWER_THAN_ONE, say_expected
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import SELDOM, say_day, say_limit, say_seldom
from nte.words import Audience

WHEN_ALERT = (
    "An alert comes when a night will very likely end above its alert limit, or a weekend or four weekends together "
    "are above what was expected."
)
PICTURED = (
    "Chart of what is expected of each night in the busiest town centres. The lines above say the same."
)
BUSIER, QUIETER = 1.25, 0.8
"""An expectation so far from the usual one of that night of the week is worth a word."""
LEAST_DIFFERENCE = 1.0
"""Incidents: less is no difference that anybody would notice."""
FEWEST_LINES, MOST_LINES = 2, 6
WORTH_A_LINE = 1.5
"""Incidents to be expected of a night: a quieter town centre has its line where few are busier."""
MOST_NAMES = 5


def beside_usual(bands: pl.DataFrame, weekend: Weekend) -> pl.DataFrame:
    """Return the weekend's bands with `usual`, the mean expectation of that night of the week before."""
    key = ["centre_code", "source", "weekday"]
    dated = bands.with_columns(weekday=pl.col("evening").dt.weekday())
    is_ahead = pl.col("evening").is_in(weekend.evenings)
    usual = dated.filter(~is_ahead).group_by(key).agg(usual=pl.col("expected").mean())
    is_busier = (pl.col("expected") - pl.col("usual") >= LEAST_DIFFERENCE) & (
        pl.col("expected") >= BUSIER * pl.col("usual")
    )
    ahead = dated.filter(is_ahead).join(usual, on=key, how="left")
    return ahead.with_columns(is_busier=is_busier.fill_null(value=False))


def last_weekend(judgements: pl.DataFrame, weekend: Weekend) -> pl.DataFrame:
    """Return the judgements of the week before a weekend's."""
    monday = weekend.evenings[0] - timedelta(days=weekend.evenings[0].weekday())
    return judgements.filter(pl.col("evening").is_between(monday - timedelta(days=7), monday, closed="left"))


def picture_of_outlook(
    area: Area, weekend: Weekend, rows: pl.DataFrame, codes: list[str], place: str
) -> bytes | None:
    """Return the picture of the weekend ahead in the busiest of some town centres, or None without a band."""
    from alerts.weekends.outlook_chart import draw_outlook  # takes a while to import

    names = {c.centre_code: c.name for c in area.current_centres}
    title = f"{place}, {area.source_title(area.lead_source).lower()}, {weekend.title}"
    return draw_outlook(nights_to_draw(area, rows, codes), names, title)


def nights_to_draw(area: Area, rows: pl.DataFrame, codes: list[str]) -> pl.DataFrame:
    """Return the nights of the busiest centres, in order: forecasts of the first source, as the text has it."""
    lead = area.lead_source
    own = rows.filter(pl.col("centre_code").is_in(codes), pl.col("source") == lead)
    weekends = own.group_by("centre_code").agg(
        together=pl.col("expected").sum(), n_worth=_is_worth_a_line().sum()
    )
    n_lines = min(max(weekends.filter(pl.col("n_worth") > 0).height, FEWEST_LINES), MOST_LINES)
    busiest = weekends.sort("together", "centre_code", descending=[True, False]).head(n_lines).drop("n_worth")
    return own.join(busiest, on="centre_code").sort(
        "together", "centre_code", "evening", descending=[True, False, False]
    )


def _is_worth_a_line() -> pl.Expr:
    return (pl.col("expected") >= WORTH_A_LINE) | pl.col("is_busier")


def write_outlook(
    area: Area,
    weekend: Weekend,
    rows: pl.DataFrame,
    special: dict[date, str],
    codes: list[str],
    *,
    audience: Audience,
    has_chart: bool = False,
    filling_high: str = "",
) -> Message:
    """Return the outlook for the readers of some town centres; `rows` as `beside_usual` makes them.

    `filling_high`: lines about nights of the weekend before that are no alerts and may yet be. Limits stand in it for
    those who may hear every count of its source: beside a hidden count they would narrow it.
    """
    has_limits = policy_of(area).least_shown(area.lead_source, audience) == 0
    own = rows.filter(pl.col("centre_code").is_in(codes))
    views = []
    spoken = [f"The weekend ahead, {weekend.title}."]
    for evening in weekend.evenings:
        lines = _outlook_lines(area, own.filter(pl.col("evening") == evening), has_limits=has_limits)
        what = f" · {outside(special[evening])}" if evening in special else ""
        views.append("\n".join([f"{strong(say_day(evening))}{what}", *lines]))
        spoken.append(f"{say_day(evening)}{what}: {'; '.join(lines)}.")
    if filling_high:
        views.append(f"{strong('Last weekend, filling high, no alert')}\n{filling_high}")
        spoken.append(f"Last weekend, filling high, no alert: {filling_high.replace(chr(10), '; ')}.")
    said = " ".join([*spoken, SELDOM])
    title = area.source_title(area.lead_source)
    small = f"{title} incidents to be expected. {SELDOM} {WHEN_ALERT}"
    return Message.of(
        said,
        headline=f"The weekend ahead: {weekend.title}",
        views=views,
        picture=PICTURED if has_chart else "",
        small=[small],
    )


def _outlook_lines(area: Area, rows: pl.DataFrame, *, has_limits: bool) -> list[str]:
    """Return a line a centre, the busiest first: its first source, beside what is usual; the quiet ones in one."""
    lead = area.lead_source
    ordered = rows.filter(pl.col("source") == lead).sort("expected", "centre_code", descending=[True, False])
    n_some = ordered.filter(pl.col("expected") >= FEWER_THAN_ONE).height
    n_worth = ordered.filter(_is_worth_a_line()).height
    n_busy = min(max(n_worth, FEWEST_LINES), n_some, MOST_LINES)
    lines = [
        f"{strong(area.centre_name(r['centre_code']))}: {say_expected(r['expected'])}"
        f"{_beside_usual(r['expected'], r['usual'])}, {say_seldom(r['upper'])}"
        f"{', ' + say_limit(r['alert_limit']) if has_limits else ''}"
        for r in ordered[:n_busy].iter_rows(named=True)
    ]
    rest = [area.centre_name(code) for code in ordered[n_busy:]["centre_code"]]
    return [*lines, _say_rest(rest, float(ordered["expected"][n_busy]))] if rest else lines


def _say_rest(names: list[str], most: float) -> str:
    at_most = "fewer than 1" if most < FEWER_THAN_ONE else f"{say_expected(most)} or fewer"
    if len(names) > MOST_NAMES:
        return f"{len(names)} more: {at_most} each"
    return f"{', '.join(names)}: {at_most}{' each' if len(names) > 1 else ''}"


def _beside_usual(expected: float, usual: float | None) -> str:
    if not usual:
        return ""
    if abs(expected - usual) < LEAST_DIFFERENCE:
        return ""
    ratio = expected / usual
    if ratio >= BUSIER:
        return f", {strong('busier than most')} ({say_expected(usual)})"
    return f", quieter than most ({say_expected(usual)})" if ratio <= QUIETER else ""
