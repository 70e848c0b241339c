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
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import CronTriggerTimetable, ObjectStoragePath
from dag_parts import AREA, BANDS, SETTINGS, nte_dag, nte_task, run_as_of

FORECASTS = {"pool": "bands", "execution_timeout": timedelta(hours=1)}


@nte_dag(schedule=CronTriggerTimetable("0 15 * * *", timezone=AREA.time_zone), doc=__doc__, tag="forecast")
def issue_bands() -> None:
    """Wire the steps: what needs the warehouse first and last, what any worker can do between."""

    @nte_task
    def plan() -> list[str]:
        """Write the inputs of every weekend that is due."""
        from forecasts.steps import plan_bands

        return plan_bands(SETTINGS, AREA, run_as_of(), shared_folder())

    @nte_task(**FORECASTS, map_index_template="weekend of {{ task.op_kwargs['weekend'][:10] }}")
    def fit_area(weekend: str) -> list[dict[str, Any]]:
        """Fit what all centres have in common."""
        from forecasts.issuing.weekend_files import fit_weekend  # Prophet takes seconds to import

        return [shard.plain() for shard in fit_weekend(shared_folder(), weekend, SETTINGS.centres_per_shard)]

    @nte_task(**FORECASTS)
    def cut(fitted: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """List the shards of all weekends."""
        return [shard for of_weekend in fitted for shard in of_weekend]

    @nte_task(**FORECASTS, map_index_template="{{ task.op_kwargs['shard']['title'] }}")
    def forecast(shard: dict[str, Any]) -> int:
        """Write the bands of some centres."""
        from forecasts.issuing.weekend_files import Shard, forecast_shard

        return forecast_shard(shared_folder(), Shard.of(shard))

    @nte_task(outlets=[BANDS], trigger_rule="none_failed")
    def load(weekends: list[str], shards: list[dict[str, Any]] | None) -> dict[str, object]:
        """Put the bands into the warehouse, and remove the files of past weekends."""
        from forecasts.issuing.weekend_files import Shard
        from forecasts.steps import load_bands

        made = [Shard.of(shard) for shard in shards or []]
        done = load_bands(SETTINGS, AREA, run_as_of(), shared_folder(), weekends, made)
        return {"nights": [str(evening) for evening in done.evenings], "bands": done.n_bands}

    planned = plan()
    shards = cut(fit_area.expand(weekend=planned))
    forecast.expand(shard=shards) >> load(planned, shards)


def shared_folder() -> Any:
    """Return the folder that all workers share, as a path."""
    address = ObjectStoragePath(SETTINGS.shared or SETTINGS.bands_folder.resolve().as_uri())
    return Path(address.path) if address.protocol == "file" else address


issue_bands()
