"""Once a month, for the police lead: how many alerts there were, how many stood, were acted on, were useful. Pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from alerts.outbox.intents import NOT_POSTED, Intent
from alerts.words.message import Message, strong
from alerts.words.wording import WITHDRAWN
from nte.area import Area

DUE_ON = 16
"""The day of the following month from which it goes: by then people were asked about all its alerts."""


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
        return (self.first + timedelta(days=31)).replace(day=1)

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


def month_intent(area: Area, month: Month, outcomes: pl.DataFrame) -> Intent:
    """Return the line of a month; `outcomes`: a row an alert, as in `ALERT_OUTCOMES`, as the police know them."""
    mornings = outcomes["raised_as_of"].to_list()
    own = outcomes.filter(
        pl.Series([month.holds(area.clock.local_date(m)) for m in mornings], dtype=pl.Boolean)
    )
    said = say_month(area, month, own)
    return Intent(
        message_id=month.message_id,
        purpose="month",
        kind="head",
        channel=area.slack.police_channel,
        message=Message.of(said, lead=said),
    )


def say_month(area: Area, month: Month, own: pl.DataFrame) -> str:
    """Return 'Alerts of March: 3. 2 stood, 1 was withdrawn; 2 were acted on (patrol 2, …). Useful: …'."""
    chance = f"About {area.budget.false_alarms_per_30_days:g} in 30 days comes though nothing has changed."
    n = own.height
    if n == 0:
        return f"{strong(f'No alert in {month.title}')}. {chance}"
    n_withdrawn, n_acted = int(own["is_withdrawn"].sum()), own["acted_on_at"].count()
    actions = Counter(code for codes in own["actions"] for code in codes.split(",") if code)
    done = ", ".join(f"{' '.join(area.action_titles(code)).lower()} {k}" for code, k in actions.most_common())
    acted = f"{n_acted} acted on{f' ({done})' if done else ''}"
    return (
        f"{strong(f'Alerts of {month.title}: {n}')}. {n - n_withdrawn} stood, {n_withdrawn} withdrawn; {acted}. "
        f"Useful: {_say_use(own)}. {chance}"
    )


def _say_use(own: pl.DataFrame) -> str:
    """Return 'yes 1, too late 1, not answered 1'; one yes makes an alert useful."""
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
    return ", ".join(
        f"{use} {counted[use]}" for use in ("yes", "no", "too late", "not answered") if counted[use]
    )
