"""The last judging of a home again, as if it had 1,200 town centres: what judging reads of each is there many times.

`python -m bench.judge_at_scale HOME AREA`. The home is changed by it. `python -m bench.national` measures it.
"""

import sys
from pathlib import Path

import polars as pl

from forecasts.steps import judge_nights
from nte.area import Area
from nte.area_files import load_area
from nte.columns import Table
from nte.settings import Settings
from nte.tables.bands import BANDS
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, OUTSIDE, UNPLACED
from nte.tables.judgements import JUDGEMENTS
from nte.tables.progress import PROGRESS
from nte.warehouse import open_warehouse

CENTRES = 1_200
READ = (NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, BANDS)
"""What judging reads of town centres."""


def main() -> None:
    """Repeat the town centres, judge again, and print of how many judgements that was."""
    settings, area = Settings(home=Path(sys.argv[1])), load_area(Path(sys.argv[2]))
    times = -(-CENTRES // len(area.current_centres))
    with open_warehouse(settings) as warehouse:
        for table in READ:
            rows = warehouse.read(table)
            for n in range(1, times):
                warehouse.append(table, _renamed(rows, table, n))
        last = warehouse.query("SELECT max(as_of) AS at FROM progress WHERE step = 'judge_nights'")["at"][0]
        warehouse.remove(JUDGEMENTS, "as_of = ?", [last])
        warehouse.remove(PROGRESS, "step = 'judge_nights' AND as_of = ?", [last])
    many = _of_many(area, times)
    done = judge_nights(settings, many, last)
    n_centres = len(many.current_centres)
    print(f"{n_centres:,} town centres judged in one home, {done.n_judgements:,} judgements")


def _renamed(rows: pl.DataFrame, table: Table, n: int) -> pl.DataFrame:
    is_centre = ~pl.col("centre_code").is_in([OUTSIDE, UNPLACED])
    return table.conform(
        rows.filter(is_centre).with_columns(pl.format("{}-{}", "centre_code", pl.lit(n)).alias("centre_code"))
    )


def _of_many(area: Area, times: int) -> Area:
    """Return an area in which each town centre is there so many times, under other codes."""
    more = [
        c.model_copy(update={"centre_code": f"{c.centre_code}-{n}"})
        for n in range(1, times)
        for c in area.town_centres
    ]
    return area.model_copy(update={"town_centres": (*area.town_centres, *more)})


if __name__ == "__main__":
    main()
