"""Once a month, for the police lead: how many alerts there were, how many stood, were acted on, were useful. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from alerts.outbox.intents import NOT_POSTED, Intent
from alerts.words.message import Message, strong
from alerts.words.wording import WITHDRAWN
from nte.area import Area
from nte.english import listed, say_number, say_span
from nte.months import months_after

DUE_ON = 16
"""The day of the following month from which it goes: by then people were asked about all its alerts."""
USEFUL = "Useful, by the answers of all channels"
"""Each thread says only what was answered in its own channel; this line is of them all."""


@dataclass(frozen=True)
class Month:
    """A month whose alerts are looked back on."""

    first: date

    @property
    def title(self) -> str:
        """Return 'March'."""
        return f"{self.first:%B}"

    @property
    def message_id(self) -> str:
        """Name its line."""
        return f"month@{self.first:%Y-%m}"

    @property
    def ends_before(self) -> date:
        """Return the first day after it."""
        return months_after(self.first)

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return (day.year, day.month) == (self.first.year, self.first.month)


def due_month(area: Area, now: datetime) -> Month | None:
    """Return the month before, from the 16th on at the time at which digests go."""
    local = now.astimezone(area.clock.time_zone)
    due = datetime.combine(local.date().replace(day=DUE_ON), area.slack.digest_from, local.tzinfo)
    last = local.date().replace(day=1) - timedelta(days=1)
    return Month(last.replace(day=1)) if local >= due else None


def as_police_know(outcomes: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Return the alerts of which the police channel was told, withdrawn where its message there says so.

    `said`: the first messages and edits of that channel. Of what it may not know the line must not tell either.
    """
    told = said.filter(pl.col("kind") == "head", pl.col("status") != NOT_POSTED).select("alert_id").unique()
    last = said.sort("sequence").unique("alert_id", keep="last").select("alert_id", "message")
    own = outcomes.join(told, on="alert_id", how="semi").join(last, on="alert_id", how="left")
    headlines = own["message"].map_elements(
        lambda text: Message.model_validate_json(text).headline, return_dtype=pl.String
    )
    return own.drop("message").with_columns(is_withdrawn=headlines.str.ends_with(WITHDRAWN))


def month_intent(
    area: Area, month: Month, outcomes: pl.DataFrame, first_judged: Mapping[str, date]
) -> Intent:
    """Return the line of a month; `outcomes`: a row an alert, as in `ALERT_OUTCOMES`, as the police know them.

    `first_judged`: by source, the first evening of which anything was ever known.
    """
    mornings = outcomes["raised_as_of"].to_list()
    own = outcomes.filter(
        pl.Series([month.holds(area.clock.local_date(m)) for m in mornings], dtype=pl.Boolean)
    )
    said = say_month(area, month, own, say_partial(area, month, first_judged))
    return Intent(
        message_id=month.message_id,
        purpose="month",
        kind="head",
        channel=area.slack.police_channel,
        message=Message.of(said, lead=said),
    )


def say_partial(area: Area, month: Month, first_judged: Mapping[str, date]) -> str:
    """Return of which sources only a part of the month was judged; empty where it was judged from its start."""
    days = (month.first + timedelta(days=n) for n in range((month.ends_before - month.first).days))
    start = next(day for day in days if area.clock.is_monitored(day))
    since = {source: first_judged.get(source, month.ends_before) for source in area.sources}
    late = {source: day for source, day in since.items() if day > start}
    if not late:
        return ""
    how: dict[str, list[str]] = {}
    for source, day in late.items():
        how.setdefault(_say_since(day, month), []).append(area.source_title(source))
    if len(late) == len(since) and len(how) == 1:
        return f"The month is partial: its nights were judged {next(iter(how))}."
    named = ", ".join(f"{listed(titles)} {said}" for said, titles in how.items())
    return f"The month is partial: judged were {named}."


def _say_since(day: date, month: Month) -> str:
    return "not at all" if day >= month.ends_before else f"from {say_span(day, day)} on"


def say_month(area: Area, month: Month, own: pl.DataFrame, partial: str = "") -> str:
    """Return '3 alerts in March. 2 stood, 1 was withdrawn; 2 were acted on (patrol 2, …). Useful, …'."""
    chance = f"About {area.budget.false_alarms_per_30_days:g} in 30 days comes though nothing has changed."
    if own.is_empty():
        return _join(f"{strong(f'No alert in {month.title}')}.", partial, chance)
    what = f"{strong(' in '.join((say_number(own.height, 'alert'), month.title)))}."
    return _join(what, _say_fate(area, own), f"{USEFUL}: {_say_use(own)}.", partial, chance)


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _say_fate(area: Area, own: pl.DataFrame) -> str:
    """Return '1 stood, 1 is still open, none was withdrawn; 1 was acted on.', of one alert without numbers."""
    n, n_withdrawn, n_acted = own.height, int(own["is_withdrawn"].sum()), own["acted_on_at"].count()
    n_stood = own.filter(~pl.col("is_withdrawn"), pl.col("is_complete").fill_null(value=False)).height
    n_open = n - n_withdrawn - n_stood
    actions = Counter(code for codes in own["actions"] for code in codes.split(",") if code)
    titles = {code: " ".join(area.action_titles(code)).lower() for code in actions}
    if n == 1:
        done = f" ({', '.join(titles.values())})" if titles else ""
        acted = f"was acted on{done}" if n_acted else "nobody said that they acted on it"
        fate = "was withdrawn" if n_withdrawn else "stood" if n_stood else "is still open"
        return f"It {fate}{' and ' if n_acted else '; '}{acted}."
    done = ", ".join(f"{titles[code]} {k}" for code, k in actions.most_common())
    withdrawn, acted = _were(n_withdrawn, "withdrawn"), _were(n_acted, "acted on")
    still = f" {n_open} {'is' if n_open == 1 else 'are'} still open," if n_open else ""
    return f"{n_stood or 'None'} stood,{still} {withdrawn}; {acted}{f' ({done})' if done else ''}."


def _were(n: int, what: str) -> str:
    """Return 'none was withdrawn', '1 was withdrawn', '2 were withdrawn'."""
    return f"{n or 'none'} {'were' if n > 1 else 'was'} {what}"


def _say_use(own: pl.DataFrame) -> str:
    """Return 'yes 1, too late 1, not answered 1', of a single alert 'yes'; one yes makes an alert useful."""
    told = (
        pl.when(pl.col("n_useful") > 0)
        .then(pl.lit("yes"))
        .when(pl.col("n_too_late") > 0)
        .then(pl.lit("too late"))
        .when(pl.col("n_not_useful") > 0)
        .then(pl.lit("no"))
        .otherwise(pl.lit("not answered"))
    )
    counted = Counter(own.select(told.alias("use"))["use"])
    uses = [use for use in ("yes", "no", "too late", "not answered") if counted[use]]
    return uses[0] if own.height == 1 else ", ".join(f"{use} {counted[use]}" for use in uses)
