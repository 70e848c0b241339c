"""One year cut by what happened, to whom and where. Pure."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Final

from reports.papers.estimates import share_of_whole
from reports.papers.paper import NOT_SHOWN, Cell, Column, Grid, Row, Section, Shown, Unit
from reports.papers.small import Sum, hidden, merged, say_hidden, say_parts

AGES: Final = {"under_18": "under 18", "18_24": "18 to 24", "25_and_over": "25 and over", "": "age not known"}
N_AGES: Final = len(AGES)
KINDS: Final = {
    "licensed_premises": "licensed premises", "takeaway": "takeaways", "public_place": "public places",
    "transport": "transport", "other": "other places", "": "not known",
}  # fmt: skip
SHARE: Final = Column("share of what is known", Unit.SHARE, has_interval=True)
TOLD_BY_QUARTER: Final = ("gbh_with_intent", "gbh_without_intent")
"""Offences of which the papers of quarters tell all victims and those under 25."""


def ages_section(rows: Sequence[Row], least_shown: int) -> Section:
    """Return victims by offence and age."""
    offences = [
        (group, list(of_one)) for group, of_one in groupby(rows, lambda r: (r["offence_group"], r["title"]))
    ]
    counts: list[int] = []
    for _, of_one in offences:
        ages = _by_word(of_one, "age_group", AGES)
        counts += [*ages, sum(ages)]
    shown = _ages_shown(counts, [group for (group, _), _ in offences], least_shown)
    lines = []
    for n, ((_, offence), _) in enumerate(offences):
        *of_ages, whole = shown[n * (N_AGES + 1) : (n + 1) * (N_AGES + 1)]
        lines.append((offence, whole, *of_ages, _share_under_25(whole, *of_ages)))
    columns = (
        Column("offence"), Column("victims", Unit.COUNT), *(Column(age, Unit.COUNT) for age in AGES.values()),
        Column("under 25, of known age", Unit.SHARE, has_interval=True),
    )  # fmt: skip
    said = (
        "Victims of each offence; offences without a victim of their own, such as possession, are not in it."
    )
    return Section("Offences and the age of their victims", said, grids=[Grid("Ages", columns, lines)])


def _ages_shown(counts: Sequence[int], groups: Sequence[str], least_shown: int) -> list[Shown]:
    """Return the cells of all rows, each with its sum last, as they may be said beside the papers of quarters.

    What is not known tells of nobody: it is always shown, here and in every cut of a year.
    """
    wide = N_AGES + 1
    wholes = tuple(range(N_AGES, len(counts), wide))
    sums, told = [Sum(wholes)], {whole - 1 for whole in wholes}
    for whole, group in zip(wholes, groups, strict=True):
        first = whole - N_AGES
        sums.append(Sum(tuple(range(first, whole)), whole))
        if group in TOLD_BY_QUARTER and counts[whole] >= least_shown:
            told.add(whole)
            if counts[first] + counts[first + 1] >= least_shown:
                sums.append(Sum((first, first + 1)))
    young = tuple(whole - N_AGES + n for whole in wholes for n in (0, 1))
    if sum(counts[n] for n in young) >= least_shown:
        sums.append(Sum(young))
    return say_hidden(counts, hidden(counts, sums, least_shown, told=told), least_shown)


def _share_under_25(whole: Shown, under_18: Shown, to_24: Shown, older: Shown, unknown: Shown) -> Cell:
    """Return the share that a reader finds from what is shown: of the young themselves, or of who is left of all."""
    if isinstance(older, str):
        return NOT_SHOWN
    if not (isinstance(under_18, str) or isinstance(to_24, str)):
        young = under_18 + to_24
    elif not (isinstance(whole, str) or isinstance(unknown, str)):
        young = whole - unknown - older
    else:
        return NOT_SHOWN
    return share_of_whole(young, int(young + older))


def _by_word(rows: Sequence[Row], name: str, words: Mapping[str, str]) -> list[int]:
    """Return the counts of each word; what no word says is not known."""
    found = dict.fromkeys(words, 0)
    for row in rows:
        found[row[name] if row[name] in found else ""] += row["n"]
    return list(found.values())


def places_section(
    districts: Sequence[Row], kinds: Sequence[Row], least_shown: int, *, told: Collection[str] = ()
) -> Section:
    """Return offences by district, and occurrences by kind of place with the share in licensed premises.

    `told`: units of which the paper tells the year's whole.
    """
    named = [row for row in districts if row["district"]]
    counts = [row["n"] for row in named] + [sum(row["n"] for row in districts if not row["district"])]
    shown = say_parts(counts, least_shown, told=[len(named)])
    lines = [
        (
            name,
            n,
            _share_of_known(n, shown[:-1], counts[:-1], is_whole_told="offences" in told)
            if name != "not known"
            else "",
        )
        for name, n in zip([*(row["district"] for row in named), "not known"], shown, strict=True)
    ]
    of_each = _by_word(kinds, "location_group", KINDS)
    names, of_kinds = _kinds_shown(of_each, least_shown)
    kind_lines = [
        (
            name,
            n,
            _share_of_known(n, of_kinds[:-1], of_each[:-1], is_whole_told="occurrences" in told)
            if name != "not known"
            else "",
        )
        for name, n in zip(names, of_kinds, strict=True)
    ]
    grids = [
        Grid("Districts", (Column("district"), Column("offences", Unit.COUNT), SHARE), lines),
        Grid("Places", (Column("kind of place"), Column("occurrences", Unit.COUNT), SHARE), kind_lines),
    ]
    said = "By the district of its town centre, else as the record states it; then by kind of place, as recorded."
    return Section("Where it happened", said, grids=grids)


def _share_of_known(n: Shown, shown: Sequence[Shown], counts: Sequence[int], *, is_whole_told: bool) -> Cell:
    """Return the share of a part; not shown where it would tell a whole that is not told."""
    if not is_whole_told and any(isinstance(part, str) for part in shown):
        return NOT_SHOWN
    return share_of_whole(n, sum(counts))


def _kinds_shown(counts: Sequence[int], least_shown: int) -> tuple[list[str], list[Shown]]:
    """Return kinds of place and their counts; small ones stand together, so that licensed premises can be told."""
    *kinds, unknown = KINDS.values()
    parts = [*merged(kinds, counts[:-1], least_shown), (unknown, counts[-1])]
    return [name for name, _ in parts], say_parts([n for _, n in parts], least_shown, told=[len(parts) - 1])


def alcohol_section(rows: Sequence[Row], least_shown: Mapping[str, int]) -> Section:
    """Return how many were flagged as with alcohol, of those that say so, by definition and source that says it."""
    columns = (
        Column("definition"), Column("source"), Column("with alcohol", Unit.COUNT), Column("without", Unit.COUNT),
        Column("not known", Unit.COUNT), Column("with alcohol, of what is known", Unit.SHARE, has_interval=True),
    )  # fmt: skip
    lines = []
    for key, of_one in groupby(rows, lambda r: (r["definition"], r["source"], r["title"])):
        definition, source, title = key
        counts = _by_word(list(of_one), "alcohol", {"yes": "", "no": "", "": ""})
        if not any(counts[:2]):
            continue
        shown = say_parts(counts, least_shown[source], told=[2])
        lines.append((definition, title, *shown, share_of_whole(shown[0], sum(counts[:2]))))
    said = "What says nothing of alcohol is not known, and in no share: unknown is not no."
    return Section("Alcohol", said, grids=[Grid("Alcohol", columns, lines, is_grouped=True)])
