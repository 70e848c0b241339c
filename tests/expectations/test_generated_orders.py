"""Of equal versions the later delivery wins whatever else is so, and what is done stays as it was: many made-up cases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nte.deliveries.inbox import Arrival, arrival_at
from nte.knowledge import in_order, taken_now
from nte.tables.progress import PROGRESS
from nte.warehouse import Warehouse, open_warehouse
from tests.expectations.house import DAY, House
from transforms.versions import current_versions, ranked

START = datetime(2026, 3, 25, 6, tzinfo=UTC)
days = st.integers(0, 3)
deliveries = st.lists(
    st.tuples(days, days, days, st.integers(0, 2**32), st.integers(1, 3)), min_size=1, max_size=6
)
"""Of each delivery: days after START on which it is known, named and taken, its hash, and the version that it brings."""


@given(made=deliveries, order=st.randoms())
@settings(max_examples=60)
def test_the_greatest_of_known_named_and_taken_wins_and_never_the_hash_or_the_order_of_rows(
    made: list[tuple[int, int, int, int, int]], order: object
) -> None:
    rows = [
        {
            "delivery_id": f"{sha:08x}{n}",
            "known_at": START + timedelta(days=known),
            "named_at": START + timedelta(days=named),
            "taken_at": START + timedelta(days=taken),
            "n_taken": n,
            "version": version,
        }
        for n, (known, named, taken, sha, version) in enumerate(made)
    ]
    expected = max(
        rows, key=lambda r: (r["version"], r["known_at"], r["named_at"], r["taken_at"], r["n_taken"])
    )
    order.shuffle(rows)  # type: ignore[attr-defined]
    frame = pl.DataFrame(rows)
    records = frame.select(
        "delivery_id",
        "known_at",
        pl.lit("police").alias("source"),
        pl.lit("OC1").alias("record_id"),
        pl.col("version").alias("record_version"),
        pl.lit(1).alias("row_number"),
    )
    truths = current_versions(ranked(records, in_order(frame))).sort("known_at")
    assert truths["delivery_id"][-1] == expected["delivery_id"]
    known = truths["known_at"].to_list()
    assert known == sorted(set(known))


def arrival_of(house: House, day: int) -> Arrival:
    found = arrival_at(
        Path(f"police_{DAY + timedelta(days=day)}.csv"), house.area.sources["police"], house.area
    )
    assert found
    return found


def do(warehouse: Warehouse, day: int, hours: int) -> None:
    """Note that the morning of a day was done so many hours after it."""
    morning = START + timedelta(days=day)
    row = {"morning": morning, "as_of": morning, "done_at": morning + timedelta(hours=hours)}
    full = {name: row.get(name, "judge_nights") for name in PROGRESS.names}
    warehouse.merge(PROGRESS, pl.DataFrame([full], PROGRESS.schema))


@pytest.mark.parametrize("done_day", [None, 0, 2])
def test_no_delivery_is_known_by_a_morning_that_was_done_before_it_was_taken(
    done_day: int | None, house: House
) -> None:
    """For every day of the name and every hour of taking: from its morning, or from the time it was taken."""
    with open_warehouse(house.settings) as warehouse:
        if done_day is not None:
            do(warehouse, done_day, 3)
        n_cases = 0
        for named in range(4):
            for hours_later in (0, 1, 5, 30, 100):
                now = START + timedelta(days=named, hours=hours_later)
                taken = taken_now(warehouse, arrival_of(house, named), "x", house.area.clock, now)
                done_at = None if done_day is None else START + timedelta(days=done_day, hours=3)
                is_done = done_at is not None and named <= (done_day or 0) and done_at <= now
                assert taken.known_at == (now if is_done else START + timedelta(days=named))
                n_cases += 1
        assert n_cases == 20
