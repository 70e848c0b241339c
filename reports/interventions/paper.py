"""The paper of one intervention, for a Board: small numbers are not in it, whoever opens it. Pure.

Its counts are held against what the same readers have beside it. The papers of quarters and years, and what partners
get, count the same incidents of nights by quarter and year, of the place itself or of a larger one: in any quarters
that hold four-week sums of the page, the place keeps as many incidents beside them as may be shown, so that no total
less these sums is a small number. The Board's measures of whole days count offences by other definitions: less these
sums they count nothing. Of several pages of one place each has sums of its own time alone. The tables of the copy for
analysts are exact, and held against nothing: its readers know every night.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from nte.area import Area
from nte.disclosure import least_shown_of, policy_of
from nte.english import listed
from nte.interventions import Intervention
from nte.months import months_after
from nte.words import Audience
from reports.interventions.picture import DRAWN_BEFORE, NAMES, periods_drawn, placebos_drawn, sums_told
from reports.interventions.sentences import (
    IS_FEW,
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

FOUR_WEEKS: Final = timedelta(weeks=4)
MONTHS_OF_QUARTER: Final = 3
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
    nights: Sequence[Row]
    """Incidents of all nights of its place, by source and quarter, as known then: source, quarter (first day), n."""
    actions: Sequence[Row] = ()
    """What came after alerts that were acted on, in the whole area."""


def intervention_paper(found: Evaluation, area: Area) -> Paper:
    """Return the paper; the counts of a source are in it only where each of its four weeks may be said."""
    one, policy = found.intervention, policy_of(area)
    sources = [source for source in area.sources if any(row["source"] == source for row in found.effects)]
    least = least_shown_of(area, Audience.LICENSING)
    effects = sorted(
        (_without_few(row, least[row["source"]]) for row in found.effects),
        key=lambda row: (sources.index(row["source"]), row["method"]),
    )
    titles = {source: area.source_title(source) for source in sources}
    other = counted_by(one, area, area.clock.local_date(found.as_of))
    since = drawn_from(one, area)
    large = [source for source in sources if may_count(found.periods, source, least[source])]
    shown = [s for s in large if other == one and leaves_enough(found, s, since, least[s])]
    given = [source for source in sources if any(_is_given(row, source) for row in effects)]
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
                notes=board_sentences(one, effects, area),
            ),
            *(_periods(found, source, titles[source], since, least[source]) for source in shown),
            *_placebos(effects, found.placebos, titles),
            Section(
                "Source by source",
                grids=[Grid("Effects", COLUMNS, [_row(row, titles, shown) for row in effects], is_grouped=True)],
                notes=[
                    *(
                        _not_counted(titles[s], least[s], one, other, is_large=s in large)
                        for s in given
                        if s not in shown
                    ),
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


def leaves_enough(found: Evaluation, source: str, since: date, least_shown: int) -> bool:
    """Say whether the place's incidents of any run of quarters, less the sums told within, are enough to be shown.

    Without a night of the source that is known to be there, they are not.
    """
    own = [row for row in found.periods if row["source"] == source]
    sums = sums_told(own, since, least_shown)
    nights = sorted((row["quarter"], row["n"]) for row in found.nights if row["source"] == source)
    for n_first, (first, _) in enumerate(nights):
        for n_last in range(n_first, len(nights)):
            end = months_after(nights[n_last][0], MONTHS_OF_QUARTER)
            within = [n for evening, n in sums.items() if first <= evening and evening + FOUR_WEEKS <= end]
            if within and sum(n for _, n in nights[n_first : n_last + 1]) - sum(within) < least_shown:
                return False
    return bool(nights) or not sums


def drawn_from(one: Intervention, area: Area) -> date:
    """Return the day from which a page has four-week sums: after whatever had ended at its place before it began."""
    ended = [
        other.ends_on + timedelta(days=1)
        for other in area.interventions
        if other.ends_on is not None and other.ended_before(one)
    ]
    return max([one.starts_on - DRAWN_BEFORE, *ended])


def _declared(one: Intervention) -> list[str]:
    until = f"to {one.ends_on}" if one.ends_on else "on, still going"
    return [
        f"{listed(one.night_names)} nights from {one.starts_on} {until}, {one.said_hours}. Owner: {one.owner}.",
        f"Declared on {one.declared_on}{', after its start: post hoc' * one.is_post_hoc}.",
    ]


def _is_given(row: Row, source: str) -> bool:
    return row["source"] == source and row["ratio"] is not None


def _without_few(row: Row, least_shown: int) -> Row:
    """Return an effect without its ratio where too few came in all: a fall of 100 % tells that nobody did."""
    if row["ratio"] is None or row["n_observed"] >= least_shown:
        return row
    why = f"fewer than {least_shown} came where more were to be expected: how much less would tell how many"
    return {**row, "ratio": None, "why_not": why, IS_FEW: True}


def counted_by(one: Intervention, area: Area, until: date) -> Intervention:
    """Return whose page has the counts: the first declared of those at one place at one time, as far as is known.

    Two pages of one place that count other nights or from another day could be subtracted, and tell a small number.
    """
    beside = [other for other in area.interventions if other.is_beside(one, until)]
    return min([one, *beside], key=lambda other: (other.declared_on, other.intervention_id))


def _not_counted(
    title: str, least_shown: int, one: Intervention, other: Intervention, *, is_large: bool
) -> str:
    if other == one and is_large:
        return (
            f"{title}: less its counts, the figures of quarters and years would tell fewer than {least_shown} "
            "incidents of other nights: the change is told, and no count."
        )
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


def _periods(found: Evaluation, source: str, title: str, since: date, least_shown: int) -> Section:
    rows = [row for row in found.periods if row["source"] == source]
    chart = periods_drawn(rows, found.intervention.starts_on, since, least_shown)
    nights = listed(found.intervention.night_names)
    return Section(
        f"{title}: what came, and what would have come",
        "Sums of four weeks. Dots: what came. Lines: what would have come without it. Dashed upright: its start. Before"
        " it, the line shows how well the other centres stand for this one. A dot that is missing may not be shown, or "
        "is not known.",
        [Drawing(f"{title}, four-week sums of {nights} nights", chart, is_in_time=True)],
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
