"""Everything that partners were ever given narrows no small number; with less hidden, or hidden anew, it would."""

from datetime import date

import pytest

from reports.partners.alerts import AlertsTold
from reports.partners.cells import NOT_KNOWN_WHERE, OUTSIDE, Atom
from reports.partners.editions import Edition, next_edition
from tests.attacker.partners import (
    LEAST,
    Told,
    alerts_of,
    alerts_told,
    late,
    published,
    season,
    told_by_interventions,
    won,
    worked_out,
    world,
)

QUARTER = "2025Q1"


def atoms(*counts: int) -> dict[Atom, int]:
    """A quarter of three districts, of A&E."""
    return {
        Atom(QUARTER, district, OUTSIDE, "ae", "nights"): n
        for district, n in zip(("East", "North", "South"), counts, strict=True)
    }


def told(district: str) -> Told:
    return Told(QUARTER, district, "", "ae", "nights")


@pytest.mark.parametrize("seed", [1, 2])
def test_no_small_number_is_narrowed_by_all_editions_together(seed: int) -> None:
    editions, alerts = season(seed), alerts_of(world(seed, 8), seed)
    told = [alerts_told(edition, alerts) for edition in editions]
    said = [status for edition in editions for status in edition.status.values()]
    assert {"shown", "small", "protecting"} <= set(map(str, said))
    assert any(edition.corrected for edition in editions)
    assert any(one and one.n for of_month in told[-1].values() for one in of_month.values())
    assert won(editions, told, told_by_interventions(editions[-1])) == []


def test_pages_of_interventions_that_told_all_of_a_number_would_narrow_small_ones() -> None:
    edition = season(1)[-1]
    all_of_it = {cell: n + LEAST[cell.source] for cell, n in told_by_interventions(edition).items()}
    assert won([edition], (), all_of_it) != []


def test_an_alert_of_a_centre_whose_number_is_small_is_not_told_however_many_lie_around_it() -> None:
    """Town has one centre: the police saw 160 around it and none there, A&E four there, on one night."""
    names = [f"2024Q{n}" for n in (1, 2, 3, 4)]
    counts = {
        Atom(quarter, district, place, source, "nights"): 0
        for quarter in names for source in LEAST
        for district, place in [(d, f"{d.lower()}_0") for d in ("Town", "South")] + [("Town", OUTSIDE), ("South", OUTSIDE)]
    }  # fmt: skip
    for quarter in names:
        counts[Atom(quarter, "Town", OUTSIDE, "police", "nights")] = 40
        counts[Atom(quarter, "South", "south_0", "ae", "nights")] = 30
        counts[Atom(quarter, "South", OUTSIDE, "ae", "nights")] = 30
        counts[Atom(quarter, "Town", OUTSIDE, "ae", "nights")] = 30
    counts[Atom("2024Q1", "Town", "town_0", "ae", "nights")] = 4
    edition = next_edition(Edition(), counts, LEAST)
    few = Told("2024", "Town", "town_0", "ae", "nights")
    assert published(edition)[few] == ("small", None)
    [naive] = worked_out(
        [published(edition)], [few], [{"2024-02": {"Town": AlertsTold(1, is_all=True)}}]
    ).values()
    assert naive == (3, 7)
    alerts = [{"centre_code": "town_0", "month": date(2024, 2, 1)}]
    told = alerts_told(edition, alerts)
    assert told["2024-02"]["Town"] is None
    assert worked_out([published(edition)], [few], [told])[few] == (1, 7)
    at_south = alerts_told(edition, [{"centre_code": "south_0", "month": date(2024, 2, 1)}])
    assert str(at_south["2024-02"]["South"]) == "1"


def test_parts_of_21_12_and_7_of_a_total_of_40_do_not_give_the_7() -> None:
    edition = next_edition(Edition(), atoms(21, 12, 7), LEAST)
    said = published(edition)
    assert said[told("area")] == ("shown", 40)
    assert said[told("South")] == ("small", None)
    assert worked_out([said], [told("South")])[told("South")] == (1, 7)
    primary = said | {told(name): ("shown", n) for name, n in (("East", 21), ("North", 12))}
    assert worked_out([primary], [told("South")])[told("South")] == (7, 7)


def test_two_small_numbers_whose_sum_would_narrow_them_are_hidden_behind_more() -> None:
    edition = next_edition(Edition(), atoms(60, 1, 2), LEAST)
    assert won([edition]) == []
    assert published(edition)[told("East")][0] == "protecting"


def test_editions_hidden_each_on_its_own_would_be_subtracted() -> None:
    first = next_edition(Edition(), atoms(21, 12, 7), LEAST)
    later = atoms(21, 12, 8)
    assert won([first, next_edition(Edition(), later, LEAST)]) != []
    assert won([first, next_edition(first, later, LEAST)]) == []


def test_a_correction_of_a_hidden_number_leaves_every_number_as_it_was() -> None:
    first = next_edition(Edition(), atoms(21, 12, 7), LEAST)
    known = atoms(21, 12, 9) | {Atom("2025Q2", "East", OUTSIDE, "ae", "nights"): 30}
    second = next_edition(first, known, LEAST)
    assert {cell: n for cell, n in second.counts.items() if cell.period == QUARTER} == first.counts
    assert second.corrected == frozenset()
    assert published(second)[told("South")] == ("small", None)


def test_a_correction_of_a_shown_number_is_taken_over_with_its_total() -> None:
    first = next_edition(Edition(), atoms(21, 12, 7), LEAST)
    second = next_edition(first, atoms(24, 12, 7), LEAST)
    assert (published(second)[told("East")], published(second)[told("area")]) == (
        ("shown", 24),
        ("shown", 43),
    )
    assert won([first, second]) == []
    small = next_edition(first, atoms(7, 12, 7), LEAST)
    assert published(small)[told("East")] == (
        "shown",
        21,
    )  # a number that was shown never becomes a small one


def test_a_world_has_its_parts_and_its_late_corrections() -> None:
    known = world(1, 2)
    assert late(known, 1) != known
    for atom, n in late(known, 1).items():
        if atom.measure == "serious_violence":
            parts = [atom._replace(measure=measure) for measure in ("knife", "without_knife")]
            assert n == sum(late(known, 1)[part] for part in parts)
    assert {atom.district for atom in known if not atom.place} == {NOT_KNOWN_WHERE}
