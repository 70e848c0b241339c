"""`nte evaluate`: what interventions did, or what a planned one would have to do to be seen."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from cli.terminal import harmless
from forecasts.effects.planning import Plan
from nte.area import Area
from nte.english import listed, say_share
from nte.errors import MisuseError
from nte.interventions import Intervention, are_in_night
from nte.settings import Settings
from nte.tables.effects import ACTED_ON
from nte.warehouse import read_published
from reports.interventions.sentences import Row, action_sentences, board_sentences, caveats

PLANNED: Final = (
    "Each is the mildest fall that would be told from chance four times in five, from how places have strayed by "
    "themselves. If less is hoped for, such a trial cannot answer: take {more}. Declare it in the area's "
    "interventions.csv before it begins."
)
MORE: Final = "more months, more nights or more places"
MORE_BUT_MONTHS: Final = (
    "more nights or more places; what more months would show, only a longer history can say"
)
LONGER_HISTORY: Final = (
    "as long a time must be known before them, on which the fit is judged, and a year before that. For {n_months} "
    "months the nights from {first} on are needed: load older history files of each source, or ask again when more is "
    "known."
)
NO_HISTORY: Final = (
    "{area} has too few town centres: no history, however long, would show how far counts stray by "
    "themselves."
)
EFFECTS: Final = (
    "SELECT * FROM intervention_effects WHERE intervention_id = ? AND as_of = ? ORDER BY source, method"
)


def named_interventions(area: Area, intervention_id: str | None) -> list[Intervention]:
    """Return the intervention of that name, or all. Raises MisuseError where there is none."""
    if not area.interventions:
        raise MisuseError(
            f"{area.name}: the area folder declares no intervention. Write one into its interventions.csv, or ask with "
            "--plan what could be seen of one."
        )
    chosen = [one for one in area.interventions if intervention_id in {None, one.intervention_id}]
    if not chosen:
        known = ", ".join(one.intervention_id for one in area.interventions)
        raise MisuseError(f"{intervention_id}: no such intervention. The area folder declares {known}.")
    return chosen


def show_effects(
    console: Console, settings: Settings, area: Area, one: Intervention, as_of: datetime
) -> None:
    """Print what an evaluation found: three sentences, then every source by both methods."""
    rows = read_published(settings.published_file, EFFECTS, [one.intervention_id, as_of]).to_dicts()
    console.print(
        f"\n[bold]{harmless(one.intervention_id)}[/]: {harmless(one.hypothesis)}",
        highlight=False,
        soft_wrap=True,
    )
    day = area.clock.local_date(as_of)
    for sentence in caveats(one, area, day) + board_sentences(one, rows, area):
        console.print(harmless(sentence), highlight=False, soft_wrap=True)
    console.print(effects_table(rows, area))
    page = settings.intervention_page(one.intervention_id, day)
    if page.exists():
        console.print(f"For the Board:  {harmless(page)}", highlight=False, soft_wrap=True)


def planned(  # noqa: PLR0917 - each is an option of the command line
    area: Area,
    today: date,
    place: str | None,
    nights: str | None,
    hours: str | None,
    months: int | None,
    definition: str | None,
) -> Intervention:
    """Return what is planned as an intervention. Raises MisuseError for what is missing, or is none."""
    if missing := [
        f"--{name}" for name, said in (("place", place), ("nights", nights), ("months", months)) if not said
    ]:
        raise MisuseError(
            f"--plan needs {listed(missing)}, such as --place chesterfield --nights fri,sat --months 6. Add it."
        )
    known = [centre.centre_code for centre in area.current_centres]
    if place not in known:
        raise MisuseError(f"{place}: no such town centre. Name one of {', '.join(sorted(known))}.")
    judged_by = definition or area.alert_definition
    if judged_by not in {d.definition for d in area.definitions}:
        names = ", ".join(d.definition for d in area.definitions)
        raise MisuseError(f"{judged_by}: no such definition. Name one of {names}.")
    whole_night = f"{area.hours.opens:%H:%M}-{area.hours.closes:%H:%M}"
    try:
        one = Intervention.model_validate(
            {
                "intervention_id": "plan", "place_code": place, "starts_on": today, "declared_on": today,
                "nights": nights, "hours": hours or whole_night, "hypothesis": "planned",
                "outcome_definition": judged_by, "owner": "not declared yet",
            }
        )  # fmt: skip
    except ValidationError as problem:
        said = "; ".join(error["msg"].removeprefix("Value error, ") for error in problem.errors())
        raise MisuseError(f"{said}.") from problem
    if not are_in_night(one.hours, area.hours.opens, area.hours.closes):
        raise MisuseError(f"{one.said_hours} do not lie within a night, {whole_night}.")
    return one


def show_plan(
    console: Console, area: Area, one: Intervention, n_months: int, found: tuple[Plan, dict[str, float]]
) -> None:
    """Print which fall would be seen four times in five, over the night and in the hours alone."""
    plan, shares = found
    where = area.centre_name(one.place_code)
    console.print(
        f"\n[bold]{harmless(where)}, {listed(one.night_names)} nights, {one.said_hours}, "
        f"{plan.n_months or n_months} months[/]",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    table = Table(
        "source", "method", "to be expected", "seen over the night", "night in its hours", "seen in its hours"
    )
    for row in plan.rows.iter_rows(named=True):
        begin = area.source_title(row["source"]), row["method"]
        if row["why_not"]:
            table.add_row(*begin, f"not to be said: {row['why_not']}", "", "", "")
            continue
        share = shares.get(row["source"])
        table.add_row(
            *begin,
            f"{row['n_counterfactual']:.0f}",
            "no fall" if row["detectable_ratio"] is None else _percent(row["detectable_ratio"]),
            "not known" if share is None else say_share(share),
            say_in_hours(row["detectable_ratio"], share),
        )
    console.print(table)
    for sentence in plan_sentences(plan, n_months, area):
        console.print(harmless(sentence), highlight=False, soft_wrap=True)


def plan_sentences(plan: Plan, n_months: int, area: Area) -> list[str]:
    """Return what a plan of `n_months` shows and what it would take to show more, as far as the history goes."""
    if plan.n_months == n_months:
        return [PLANNED.format(more=MORE)]
    needed = (
        NO_HISTORY.format(area=area.name)
        if plan.needs_history_from is None
        else LONGER_HISTORY.format(n_months=n_months, first=plan.needs_history_from)
    )
    if not plan.n_months:
        return [f"Nothing can be said yet, of however few months: {needed}"]
    seen = f"The history has room for {plan.n_months} months, and not for {n_months}: {needed}"
    return [seen, PLANNED.format(more=MORE_BUT_MONTHS)]


def say_in_hours(ratio: float | None, share: float | None) -> str:
    """Return by how much the incidents of some hours would have to fall for their nights to fall by a ratio."""
    if ratio is None or not share:
        return "not known"
    return "not even none" if 1 - ratio > share else _percent(1 - (1 - ratio) / share)


def show_actions(console: Console, settings: Settings, area: Area, as_of: datetime) -> None:
    """Print what came after alerts that were acted on."""
    rows = read_published(settings.published_file, EFFECTS, [ACTED_ON, as_of]).to_dicts()
    console.print("\n[bold]Alerts that were acted on[/]: the nights of two weeks after each", highlight=False)
    for sentence in action_sentences(rows, area):
        console.print(harmless(sentence), highlight=False, soft_wrap=True)


def effects_table(rows: Sequence[Row], area: Area) -> Table:
    """Return every source by both methods, as a table for the terminal."""
    table = Table("source", "method", "came", "would have", "change (95 %)", "rank", "could be seen")
    for row in rows:
        came = f"{row['n_observed']}" if row["n_nights_covered"] else "not known"
        begin = area.source_title(row["source"]), row["method"], came
        if row["ratio"] is None:  # what would have come, without an interval, would be read as an effect
            table.add_row(*begin, "", f"none: {row['why_not']}", "", "")
            continue
        seen = "nothing" if row["detectable_ratio"] is None else _percent(row["detectable_ratio"])
        table.add_row(
            *begin,
            f"{row['n_counterfactual']:.0f}",
            f"{_percent(row['ratio'])} ({_percent(row['lower'])} to {_percent(row['upper'])})",
            f"{row['placebo_rank']} of {row['n_placebos'] + 1}",
            seen,
        )
    return table


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.0f} %".replace("-", "−")
