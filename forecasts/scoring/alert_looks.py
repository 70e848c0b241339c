"""One look at each night and window while it was filling: the chance that was stated, and whether it ended above.

Chances of one night are hardly apart from morning to morning, so that all of them together would say the same thing ten
times. Which of the first ten mornings is looked at follows from a print of the night's names: it is the same on every
machine and in every run, every age comes equally often, and nothing that came can move it.
"""

import polars as pl

LAST_LOOK = 10
"""Mornings after its last night on which a first alert can still be posted: the look is one of them."""
FINISHED_DAYS = 35
"""A window so old is as it will stay."""
EVEN = 0.5

CHANCES_OF_NIGHTS = f"""
WITH mornings AS (SELECT unnest(?) AS day, unnest(?) AS morning)
SELECT evening, centre_code, source, nullif(arg_max(coalesce(stands_chance, -1), as_of), -1) AS stands_chance
FROM judgements
JOIN mornings
  ON day = evening + (1 + md5_number_lower(concat(evening, '/', centre_code, '/', source)) % {LAST_LOOK})::INT
WHERE definition = ? AND as_of <= morning GROUP BY ALL
"""
"""Parameters: dates, the morning of each, the definition. The chance of each night as known on its look's morning."""

CHANCES_OF_WINDOWS = f"""
WITH mornings AS (SELECT unnest(?) AS day, unnest(?) AS morning)
SELECT centre_code, detector, first_evening, last_evening,
       nullif(arg_max(coalesce(stands_chance, -1), as_of) FILTER (as_of <= morning), -1) AS stands_chance,
       nullif(arg_max(coalesce(stands_chance, -1), as_of), -1) AS final_chance
FROM window_scores
JOIN mornings ON day = last_evening
  + (1 + md5_number_lower(concat(last_evening, '/', centre_code, '/', detector)) % {LAST_LOOK})::INT
GROUP BY ALL
"""
"""Parameters: dates, the morning of each. The chance of each window on its look's morning, and the last one known."""


def looks_at_nights(chances: pl.DataFrame, nights: pl.DataFrame) -> pl.DataFrame:
    """Return the looks at complete nights: evening, detector, stands_chance, is_above.

    `nights` has evening, centre_code, source, n_incidents and alert_limit of each complete night.
    """
    known = nights.join(chances.drop_nulls("stands_chance"), on=["evening", "centre_code", "source"])
    return known.select(
        "evening",
        "stands_chance",
        detector=pl.lit("night"),
        is_above=pl.col("n_incidents") > pl.col("alert_limit"),
    )


def looks_at_windows(chances: pl.DataFrame) -> pl.DataFrame:
    """Return the looks at windows: evening (the last), detector, stands_chance, is_above (at its last look)."""
    known = chances.drop_nulls(["stands_chance", "final_chance"])
    return known.select(
        "stands_chance", "detector", evening="last_evening", is_above=pl.col("final_chance") >= EVEN
    )
