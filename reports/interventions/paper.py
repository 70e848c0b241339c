"""The paper of one intervention, for a Board: small numbers are not in it, whoever opens it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from nte.area import Area
from nte.disclosure import least_shown_of, policy_of
from nte.english import listed
from nte.interventions import Intervention
from nte.words import Audience
from reports.interventions.picture import NAMES, periods_drawn, placebos_drawn
from reports.interventions.sentences import (
    METHODS,
    POST_HOC,
    Row,
    action_sentences,
    board_sentences,
    caveats,
    say_rank,
    tells,
)
from reports.papers.paper import (
    NOT_KNOWN,
    NOT_SHOWN,
    Cell,
    Column,
    Drawing,
    Estimate,
    Grid,
    Paper,
    Section,
    Unit,
)
from reports.papers.words import small_numbers

COLUMNS: Final = (
    Column("source"), Column("beside"), Column("came", Unit.COUNT), Column("would have", Unit.COUNT),
    Column("change", Unit.CHANGE, has_interval=True), Column("told from chance"), Column("placebos"),
    Column("smallest fall that would have been seen", Unit.CHANGE), Column("error of the fit before", Unit.SHARE),
    Column("nights known"),
)  # fmt: skip
WORDS: Final = (
    *((NAMES[method], f"{meaning[:1].upper()}{meaning[1:]}.") for method, meaning in METHODS.items()),
    (
        "interval",
        "Every change that chance, and how far places stray by themselves, would not refuse. With no change within, it "
        "is not told from chance. How often such intervals were right in simulated areas stands in docs/method.md.",
    ),
    (
        "placebos",
        "The same comparison where nothing was done: the other centres at the same time, and every centre in earlier "
        "years. If it did nothing, this place would stand anywhere among them.",
    ),
    (
        "smallest fall",
        "One that would have been told from chance four times in five. A smaller one may be there unseen.",
    ),
    (
        "error of the fit",
        "How far four-week sums before the start lay from what the method says of them. Small counts scatter by "
        "themselves.",
    ),
    (
        "every month",
        "It is looked at every month, and the more looks, the sooner one of them is told from chance by luck. Judge it "
        "when it ends, or on a day that was named before.",
    ),
    ("hours", "Counts are of whole nights: what is done in some hours is diluted in them."),
    (
        "spill-over",
        "Violence that moved to another centre is counted there as if nothing had been done, and makes an effect look "
        "larger.",
    ),
    ("sources", "They overlap little and are never added up. One of them alone proves nothing."),
)  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """What was found of one intervention, as it stands in the copy for analysts."""

    intervention: Intervention
    as_of: datetime
    effects: Sequence[Row]
    periods: Sequence[Row]
    placebos: Sequence[Row]
    actions: Sequence[Row] = ()
    """What came after alerts that were acted on, in the whole area."""


def intervention_paper(found: Evaluation, area: Area) -> Paper:
    """Return the paper; the counts of a source are in it only where each of its four weeks may be said."""
    one, policy = found.intervention, policy_of(area)
    sources = [source for source in area.sources if any(row["source"] == source for row in found.effects)]
    effects = sorted(found.effects, key=lambda row: (sources.index(row["source"]), row["method"]))
    least = least_shown_of(area, Audience.LICENSING)
    titles = {source: area.source_title(source) for source in sources}
    other = counted_by(one, area, area.clock.local_date(found.as_of))
    shown = [source for source in sources if other == one and may_count(found.periods, source, least[source])]
    given = [source for source in sources if _is_given(found, source)]
    definition = area.definition(one.outcome_definition)
    return Paper(
        kind="intervention",
        folder="board",
        of=one.intervention_id,
        area=area,
        title=f"Did it work? {one.intervention_id}, {area.centre_name(one.place_code)}",
        for_whom="for the Board",
        said=" ".join([f"{one.hypothesis.rstrip('.')}.", *_declared(one), f"Judged by: {definition.title}."]),
        small_numbers=small_numbers(policy.licensing_least_shown, area),
        is_exact=False,
        as_of=found.as_of,
        sections=[
            Section(
                "In three sentences",
                said=" ".join(
                    f"Post hoc: {said[:1].lower()}{said[1:]}" if said == POST_HOC else said
                    for said in caveats(one, area, area.clock.local_date(found.as_of))
                ),
                notes=board_sentences(one, found.effects, area),
            ),
            *(_periods(found, source, titles[source], least[source]) for source in shown),
            *_placebos(effects, found.placebos, titles),
            Section(
                "Source by source",
                grids=[Grid("Effects", COLUMNS, [_row(row, titles, shown) for row in effects], is_grouped=True)],
                notes=[
                    *(_not_counted(titles[s], least[s], one, other) for s in given if s not in shown),
                    *(_none_given(row, titles) for row in effects if row["ratio"] is None),
                ],
            ),
            *_actions(found, area),
        ],
        words=WORDS,
    )  # fmt: skip


def _actions(found: Evaluation, area: Area) -> list[Section]:
    said = action_sentences(found.actions, area)
    title = f"Alerts that were acted on, {area.name}"
    return [Section(title, "The nights of two weeks after each, as known then.", notes=said)] if said else []


def may_count(periods: Sequence[Row], source: str, least_shown: int) -> bool:
    """Say whether the counts of a source may be told: each of its four weeks since the start is large enough."""
    after = [row["n_observed"] for row in periods if row["source"] == source and row["is_after"]]
    return bool(after) and min(after) >= least_shown


def _declared(one: Intervention) -> list[str]:
    until = f"to {one.ends_on}" if one.ends_on else "on, still going"
    return [
        f"{listed(one.night_names)} nights from {one.starts_on} {until}, {one.said_hours}. Owner: {one.owner}.",
        f"Declared on {one.declared_on}{', after its start: post hoc' * one.is_post_hoc}.",
    ]


def _is_given(found: Evaluation, source: str) -> bool:
    return any(row["source"] == source and row["ratio"] is not None for row in found.effects)


def counted_by(one: Intervention, area: Area, until: date) -> Intervention:
    """Return whose page has the counts: the first declared of those at one place at one time, as far as is known.

    Two pages of one place that count other nights or from another day could be subtracted, and tell a small number.
    """
    beside = [
        other
        for other in area.interventions
        if other.place_code == one.place_code
        and max(one.starts_on, other.starts_on) <= min(one.ends_on or until, other.ends_on or until)
    ]
    return min([one, *beside], key=lambda other: (other.declared_on, other.intervention_id))


def _not_counted(title: str, least_shown: int, one: Intervention, other: Intervention) -> str:
    if other != one:
        return (
            f"{title}: counts of this place and time are for the page of {other.intervention_id} alone, as two pages "
            "subtracted could tell a small one: the change is told, and no count."
        )
    return (
        f"{title}: some four weeks have fewer than {least_shown} incidents: the change is told, and no count."
    )


def _none_given(row: Row, titles: Mapping[str, str]) -> str:
    return f"{titles[row['source']]}, beside {NAMES[row['method']]}: none given, because {row['why_not']}."


def _periods(found: Evaluation, source: str, title: str, least_shown: int) -> Section:
    rows = [row for row in found.periods if row["source"] == source]
    chart = periods_drawn(rows, found.intervention.starts_on, least_shown)
    return Section(
        f"{title}: what came, and what would have come",
        "Sums of four weeks. Dots: what came. Lines: what would have come without it. Dashed upright: its start. Before"
        " it, the line shows how well the other centres stand for this one. A dot that is missing may not be shown, or "
        "is not known.",
        [Drawing(f"{title}, four-week sums of {listed(found.intervention.night_names)} nights", chart)],
    )  # fmt: skip


def _placebos(effects: Sequence[Row], placebos: Sequence[Row], titles: Mapping[str, str]) -> list[Section]:
    given = [row for row in effects if row["ratio"] is not None]
    if not given:
        return []
    chart = placebos_drawn(given, placebos, titles)
    return [
        Section(
            "Beside places and years in which nothing was done",
            "Ticks: placebos. Dot and bar: this intervention with its 95 % interval. An effect that lies among the "
            "ticks is one that comes by itself.",
            [Drawing("Each effect among its placebos; 1 is no change", chart)],
        )
    ]  # fmt: skip


def _row(row: Row, titles: Mapping[str, str], shown: Sequence[str]) -> tuple[Cell, ...]:
    """Return a row of the table."""
    begin = titles[row["source"]], NAMES[row["method"]]
    fit = NOT_KNOWN if row["pre_fit_error"] is None else float(row["pre_fit_error"])
    nights = f"{row['n_nights_covered']} of {row['n_nights']}"
    if row["ratio"] is None:
        return (*begin, "", "", "none given", "", "", "", fit, nights)
    is_counted = row["source"] in shown
    return (
        *begin,
        row["n_observed"] if is_counted else NOT_SHOWN,
        round(row["n_counterfactual"]) if is_counted else NOT_SHOWN,
        Estimate(row["ratio"], row["lower"], row["upper"]),
        "yes" if tells(row) else "no",
        say_rank(row),
        "none" if row["detectable_ratio"] is None else float(row["detectable_ratio"]),
        fit,
        nights,
    )
