"""What an evaluation says in English: changes, intervals, placebos, and three sentences for a Board. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from nte.area import Area
from nte.english import listed, say_day
from nte.interventions import Intervention
from nte.words import Method

Row = Mapping[str, Any]
"""A row of intervention_effects."""
METHODS: Final = {
    str(Method.FORECAST): "our own forecast from before it began",
    str(Method.SYNTHETIC): "town centres that had moved alike before",
}
IS_FEW: Final = "is_few"
"""Of a row whose ratio is not told because too few came."""
FEW_CAME: Final = (
    "Fewer came than were to be expected; by how much, and whether by chance alone, may not be said here."
)
NO_ANSWER: Final = "That says neither that it works nor that it does not."
NO_CHANGE: Final = 0.005
"""A change that rounds to no percent is none."""
POST_HOC: Final = (
    "Declared after it had begun: whoever declared it may have known what came, so that what is found here suggests an "
    "effect and does not test one."
)


NOT_ALONE: Final = (
    "Something else was there at the same place and time: {others}. None of its nights is taken for one on which "
    "nothing was done, and what is found here may be its doing as well."
)
ENDED_BEFORE: Final = (
    "Something else had ended at the same place before: {others}. None of its nights is taken for one on which nothing "
    "was done; what it left behind may be in what is found here."
)
NO_TEST: Final = (
    "This is no test of patrols and visits: leads act on what looks worst, so that those alerts differed before "
    "anything was done, and what is done reaches nights that no alert spoke of."
)


def say_change(ratio: float) -> str:
    """Return 'a fall of 30 %', 'a rise of 5 %' or 'no change'."""
    change = ratio - 1
    if abs(change) < NO_CHANGE:
        return "no change"
    return f"a {'fall' if change < 0 else 'rise'} of {abs(100 * change):.0f}\u00a0%"


def say_less(ratio: float) -> str:
    """Return '30 % fewer', '5 % more' or 'as many'."""
    change = ratio - 1
    if abs(change) < NO_CHANGE:
        return "as many"
    return f"{abs(100 * change):.0f}\u00a0% {'fewer' if change < 0 else 'more'}"


def say_interval(lower: float, upper: float) -> str:
    """Return 'from a fall of 46 % to a rise of 4 %'."""
    return f"from {say_change(lower)} to {say_change(upper)}"


def tells(row: Row) -> bool:
    """Say whether an effect is told from none: no change is not in its interval."""
    return row["ratio"] is not None and not row["lower"] <= 1 <= row["upper"]


def say_rank(row: Row) -> str:
    """Return 'strayed farther than 64 of 65 placebos'."""
    n_passed = row["n_placebos"] + 1 - row["placebo_rank"]
    return f"strayed farther than {n_passed} of {row['n_placebos']} placebos"


def say_detectable(rows: Sequence[Row]) -> str:
    """Return 'A fall of 37 % by our own forecast … would have been seen four times in five …', or that none would."""
    seen = [row for row in rows if row["detectable_ratio"] is not None]
    if not seen:
        return "No fall, however deep, could have been told from chance."
    falls = listed([f"{say_change(row['detectable_ratio'])} by {METHODS[row['method']]}" for row in seen])
    return f"{_capital(falls)} would have been seen four times in five: a smaller one may be there unseen."


def board_sentences(intervention: Intervention, rows: Sequence[Row], area: Area) -> list[str]:
    """Return three sentences about the source that speaks first: what was found, what it means, what could be seen."""
    source = _lead(rows, area)
    mine = [row for row in rows if row["source"] == source]
    given = [row for row in mine if row["ratio"] is not None]
    where = area.centre_name(intervention.place_code)
    title = area.source_title(source)
    if not given:
        whys = listed(sorted({row["why_not"] for row in mine}))
        return [
            f"{title}, {where}: no effect can be given, because {whys}.",
            FEW_CAME if any(row.get(IS_FEW) for row in mine) else NO_ANSWER,
            "It can be asked again when more is known.",
        ]
    until = max(row["last_evening"] for row in given)
    found = listed(
        [
            f"{say_less(row['ratio'])} incidents than by {METHODS[row['method']]} (95\u00a0% interval: "
            f"{say_less(row['lower'])} to {say_less(row['upper'])})"
            for row in given
        ]
    )
    return [
        f"{title}, {where}, from {say_day(intervention.starts_on)} {intervention.starts_on.year} to {say_day(until)} "
        f"{until.year}, {listed(intervention.night_names)} nights: {found}.",
        _meaning(given),
        say_detectable(given),
    ]


def caveats(one: Intervention, area: Area, until: date) -> list[str]:
    """Return what must stand beside every result: that it was declared late, or that something else was done there.

    `until`: the last day that may be known.
    """
    others = [other for other in area.interventions if other.intervention_id != one.intervention_id]
    beside = [_named(other) for other in others if other.is_beside(one, until)]
    ended = [_named(other) for other in others if other.ended_before(one)]
    return (
        [POST_HOC] * one.is_post_hoc
        + ([NOT_ALONE.format(others=listed(beside))] if beside else [])
        + ([ENDED_BEFORE.format(others=listed(ended))] if ended else [])
    )


def _named(one: Intervention) -> str:
    """Return 'patrols, from Friday 5 January 2024 to Friday 1 March 2024'."""
    until = f" to {say_day(one.ends_on)} {one.ends_on.year}" if one.ends_on else ""
    return f"{one.intervention_id}, from {say_day(one.starts_on)} {one.starts_on.year}{until}"


def action_sentences(rows: Sequence[Row], area: Area) -> list[str]:
    """Return what came after alerts that were acted on, source by source, and what that cannot show.

    `rows` are of the method acted_on.
    """
    given = [row for row in rows if row["ratio"] is not None]
    if rows and not given:
        why = next(row["why_not"] for row in rows if row["source"] == _lead(rows, area))
        return [f"Nothing is said, because {why}."]
    said = []
    for row in given:
        could = "no fall" if row["detectable_ratio"] is None else say_change(row["detectable_ratio"])
        said.append(
            f"{area.source_title(row['source'])}: {say_change(row['ratio'])} beside the nights after other alerts "
            f"({say_interval(row['lower'], row['upper'])}); {could} would have been seen four times in five."
        )
    return [*said, NO_TEST] if said else []


def _meaning(given: Sequence[Row]) -> str:
    told = [row for row in given if tells(row)]
    directions = {row["ratio"] < 1 for row in told}
    if len(directions) > 1:
        return "The two methods contradict each other: nothing can be said of its effect."
    fewer = "fewer" if True in directions else "more"
    if not told:
        return "It cannot be told from chance whether it did anything; that is no proof that it did nothing."
    if len(told) == len(given) and len(given) > 1:
        return f"By both methods {fewer} incidents came than would have by chance and habit alone."
    return (
        f"By {METHODS[told[0]['method']]} {fewer} incidents came than by chance alone; the other method does not tell "
        "it from chance, so that this is a sign and no proof."
    )


def _lead(rows: Sequence[Row], area: Area) -> str:
    """Return the source that speaks first: the area's lead source, where it has been evaluated."""
    sources = [str(row["source"]) for row in rows]
    return area.lead_source if area.lead_source in sources else sources[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
