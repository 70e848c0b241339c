"""How much of a month is accounted for: small tables in, nights and days out."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from nte.tables.counts import OUTSIDE
from nte.words import TimeClass
from tests.areas import derbyshire
from transforms.coverage import Account
from transforms.month_coverage import month_coverage

AREA = derbyshire()
FIRST, LAST = date(2022, 2, 7), date(2022, 3, 10)
ACCOUNT = Account(
    datetime(2022, 2, 7, 6, tzinfo=UTC), datetime(2022, 3, 11, 6, tzinfo=UTC), datetime(2022, 3, 11, 6, tzinfo=UTC)
)  # fmt: skip


def rows(time_class: TimeClass) -> list[tuple[date, int, int]]:
    evenings = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    counts = pl.DataFrame({"evening": evenings}).with_columns(
        centre_code=pl.lit(OUTSIDE), source=pl.lit("police"), is_covered=pl.lit(value=True)
    )
    found = month_coverage(counts, {"police": [ACCOUNT]}, AREA).filter(time_class=time_class.value)
    return found.sort("month").select("month", "n_nights", "n_nights_covered").rows()


def test_the_month_in_which_a_source_begins_is_whole_and_not_all_of_it_is_covered() -> None:
    february, march = date(2022, 2, 1), date(2022, 3, 1)
    assert rows(TimeClass.DAY) == [(february, 28, 22), (march, 10, 10)]
    assert rows(TimeClass.SUNDAY_NIGHT) == [(february, 4, 3), (march, 1, 1)]
    assert rows(TimeClass.FRI_SAT_NIGHT) == [(february, 8, 6), (march, 2, 2)]
