"""
# Publish the warehouse

Whenever something was decided: a fresh read-only copy for analysts, `published/nte.duckdb`, swapped in at once.

First the bands of past weekends are held against what came (`band_scores`, `level_shifts`). The copy holds night counts, bands, judgements, alerts and decisions, every table and column commented, and no
record-level rows. Start with the view `start_here`. Readers of the old copy keep it until they open it anew.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, Param, dag, task

from nte.area_files import load_area
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
DECISIONS = Asset("decisions", uri="nte://warehouse/decisions")
PUBLISHED = Asset("published", uri="nte://published/nte.duckdb")


@dag(
    schedule=[DECISIONS],
    start_date=pendulum.datetime(2026, 1, 1, tz=AREA.time_zone),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["nte", "publish"],
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            description="Work as of this local time, such as 2026-03-30T09:00. Empty: now.",
        )
    },
    default_args={
        "owner": "nte-ops",
        "pool": "warehouse",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=30),
    },
)
def publish_warehouse() -> None:
    """Wire the two steps."""

    @task
    def score_bands(params: dict[str, str | None] | None = None) -> dict[str, int]:
        """Hold past bands against what came, each Monday, and name shifts that nobody announced."""
        from forecasts.steps import score_bands as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))
        return {"mondays": done.n_mondays, "out_of_bounds": done.n_out_of_bounds, "shifts": done.n_shifts}

    @task(outlets=[PUBLISHED])
    def publish() -> dict[str, int]:
        """Build the copy, check it, swap it in."""
        from reports.steps import publish_warehouse as step  # noqa: PLC0415

        return step(SETTINGS, AREA)

    score_bands() >> publish()


publish_warehouse()
