"""Small numbers in linked tables: none is said, and none can be worked out from what is."""

import random
from collections.abc import Sequence
from itertools import product

import pytest

from reports.papers.paper import NOT_SHOWN
from reports.papers.small import ALL_OTHERS, Sum, hidden, merged, say_parts

LEAST = 3


def worlds(
    counts: Sequence[int], sums: Sequence[Sum], places: set[int], told: Sequence[int]
) -> list[tuple[int, ...]]:
    """Every table of whole numbers that a reader may think of: what is hidden tried out, one by one."""
    unknown = sorted(places)
    highest = sum(counts)
    small = [range(LEAST) if counts[n] < LEAST else range(LEAST, highest + 1) for n in unknown]
    found = []
    for tried in product(*small):
        table = list(counts)
        for n, value in zip(unknown, tried, strict=True):
            table[n] = value
        if all(
            sum(table[n] for n in one.parts)
            == (sum(counts[n] for n in one.parts) if one.whole is None else table[one.whole])
            for one in sums
        ):
            found.append(tuple(table))
    assert not set(told) & places
    return found


MOST_HIDDEN = 4
"""Of more, trying every table takes too long."""


@pytest.mark.parametrize("seed", range(30))
def test_no_small_count_is_narrowed_by_all_that_is_shown(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    cells = [rng.choice([0, 1, 2, 3, 5]) for _ in range(4)]
    counts = [*cells, sum(cells[:2]), sum(cells[2:])]
    sums = [Sum((0, 1), 4), Sum((2, 3), 5), Sum((0, 2)), Sum((1, 3)), Sum((4, 5))]
    told = [3] if cells[3] >= LEAST else []
    if seed % 2:
        counts, sums = cells, [Sum((0, 1, 2, 3))]
    places = hidden(counts, sums, LEAST, told=told)
    small = [n for n, count in enumerate(counts) if count < LEAST]
    everything = set(range(len(counts))) - set(told)
    chosen = everything if places is None else places
    if len(chosen) > MOST_HIDDEN:
        return
    seen = worlds(counts, sums, chosen, told)
    ranges = {n: {table[n] for table in seen} for n in small}
    if places is None:  # not even all of it hidden would do, or no more can be hidden
        assert any(values != set(range(LEAST)) for values in ranges.values())
    else:
        assert all(values == set(range(LEAST)) for values in ranges.values()), (counts, places)
        assert places >= set(small)


@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_hidden_needlessly(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    rows = [[rng.choice([0, 2, 3, 5, 9]) for _ in range(3)] for _ in range(2)]
    counts = [*rows[0], *rows[1], sum(rows[0]), sum(rows[1])]
    sums = [Sum((0, 1, 2), 6), Sum((3, 4, 5), 7), Sum((6, 7)), Sum((0, 3))]
    places = hidden(counts, sums, LEAST)
    small = {n for n, count in enumerate(counts) if count < LEAST}
    for place in (places or set()) - small:
        fewer = (places or set()) - {place}
        if len(fewer) <= MOST_HIDDEN:
            seen = worlds(counts, sums, fewer, [])
            assert any({table[n] for table in seen} != set(range(LEAST)) for n in small), (
                counts,
                places,
                place,
            )


def test_of_parts_the_small_ones_say_so_and_one_other_is_the_rest() -> None:
    assert say_parts([120, 3, 40], 5) == [120, "fewer than 5", ALL_OTHERS]
    assert say_parts([93, 0, 0], 8) == [ALL_OTHERS, "fewer than 8", "fewer than 8"]
    assert say_parts([2, 8], 8) == [NOT_SHOWN, NOT_SHOWN]  # of ten, eight are seen to be the rest
    assert say_parts([2, 8], 0) == [2, 8]
    assert say_parts([20, 0], 5, told=[1]) == [20, 0]  # what is not known tells of nobody


def test_small_parts_stand_together_and_the_first_alone() -> None:
    names = ("licensed", "takeaway", "street", "other")
    assert merged(names, (50, 20, 30, 0), 5) == [("licensed", 50), ("street", 30), ("takeaway; other", 20)]
    assert merged(names, (2, 20, 30, 6), 5)[0] == ("licensed", 2)
    assert merged(("stated", "other", "none"), (9, 1, 0), 5) == [("stated", 9), ("other; none", 1)]
