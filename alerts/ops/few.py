"""What ops hear when a source's night has far fewer incidents in the whole area than its bands expect, once."""

from typing import Any

import numpy as np
import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import strong
from nte import negative_binomial as nb
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import say_day
from nte.words import Audience

LATEST = """
SELECT j.source, j.evening, sum(j.n_incidents) AS n_incidents, sum(j.expected_so_far) AS expected,
       sum(j.expected_so_far / sqrt(b.dispersion)) AS scatter
FROM (SELECT source, evening, centre_code, definition, arg_max(n_incidents, as_of) AS n_incidents,
             arg_max(expected_so_far, as_of) AS expected_so_far, arg_max(verdict, as_of) AS verdict
      FROM judgements WHERE as_of <= $1 AND evening >= $2 AND definition = $3 GROUP BY ALL) j
JOIN bands b USING (source, evening, centre_code, definition)
WHERE j.verdict <> 'unknown' AND j.n_incidents IS NOT NULL AND j.expected_so_far IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
"""Of each source and night, over the town centres that were judged: what is in, and what was to be expected by now."""
MOST_SURPRISING = 0.0002
"""So few incidents come by chance once in 5,000 nights, or less often: with three sources once in ten years."""
MOST_SHARE = 0.5


def few_intents(
    area: Area, nights: pl.DataFrame, *, outbox: pl.DataFrame, base_url: str = ""
) -> list[Intent]:
    """Return what ops have not been told yet of nights that are far too quiet. `nights`: the answer to LATEST."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    intents: list[Intent] = []
    for row in nights.iter_rows(named=True):
        head_id = f"few|{row['source']}|{row['evening']}"
        if is_far_below(row["n_incidents"], row["expected"], row["scatter"]):
            text = _say(row, writer.area)
            intents += writer.head(head_id, text, _SMALL, links=writer.links.runbook("far-too-few-incidents"))
        elif head_id in writer.told:
            title = f"{area.source_title(row['source'])}: incidents have come in."
            small = f"The night of {say_day(row['evening'])} is no longer far below what was to be expected."
            intents += writer.ended(head_id, f"{strong(title)} {small}")
    return intents


def is_far_below(n_incidents: float, expected: float, scatter: float) -> bool:
    """Say whether a night's incidents in the whole area are far fewer than chance leaves.

    `scatter` is the sum of expected / sqrt(size) over the town centres: they scatter together, so that a night which is
    quiet everywhere, as in bad weather, is not taken for a failed export.
    """
    if n_incidents > MOST_SHARE * expected:
        return False
    size = (expected / scatter) ** 2 if scatter else nb.MAX_SIZE
    chance = 1.0 - nb.tail_probability(np.floor(n_incidents) + 1, expected, size)
    return bool(chance < MOST_SURPRISING)


_SMALL = "Its town centres stand as judged: none of them is above. A failed export looks like peace."


def _say(row: dict[str, Any], area: Area) -> str:
    title = strong(f"{area.source_title(row['source'])}: far fewer incidents than expected.")
    said = policy_of(area).say_count(row["source"], round(row["n_incidents"]), Audience.OPS)
    return (
        f"{title} The night of {say_day(row['evening'])} has {said} in all town centres together, "
        f"where about {row['expected']:.0f} were to be expected by now. Ask the provider whether all was sent and "
        "whether its codes have changed."
    )
