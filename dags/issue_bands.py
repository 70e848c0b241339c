"""
# Issue bands

Every day at 15:00; on Thursdays it says what is to be expected of the coming Friday, Saturday and Sunday night.

| step | what it does | where it runs |
|---|---|---|
| `plan` | writes the inputs of every weekend that is due and has no bands, as known on Thursday morning | beside the warehouse |
| `fit_area` | one a weekend: Prophet's curve, the pooling over all centres and their levels | any worker |
| `cut` | the shards of town centres | any worker |
| `forecast` | one a shard: bands, limits and the rise that would be seen | any worker |
| `load` | puts a weekend's bands into the warehouse, all or none | beside the warehouse |

Between the steps stand files that never change, in `<NTE_HOME>/lake/bands` or where `NTE_SHARED` says: workers on
other machines need that folder and nothing else. However many shards there are, the bands (`bands`) are the same.

The bands of a weekend are **never issued again**. One that is made late is computed from Thursday's knowledge; if its
night has begun by then, it is marked `is_retrospective`. Run it again at any time, from any step: nights that have a
band are left alone.

The steps stand in `flows/issue_bands.py`, for Airflow and for `nte run`.
"""

from dag_parts import nte_dag, wire

from flows.issue_bands import ISSUE_BANDS


@nte_dag(ISSUE_BANDS, doc=__doc__)
def issue_bands() -> None:
    """Wire the steps as they are declared."""
    wire(ISSUE_BANDS)


issue_bands()
