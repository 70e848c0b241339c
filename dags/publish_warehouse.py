"""
# Publish the warehouse

Whenever something was decided, and every morning at 07:30: a fresh read-only copy for analysts,
`published/nte.duckdb`, swapped in at once.

First bands and alerts of past weekends are held against what came (`band_scores`, `level_shifts`, `alert_scores`). The copy
holds night counts, bands, judgements, alerts and decisions, every table and column commented, and no record-level rows. Start
with the view `start_here`. Readers of the old copy keep it until they open it anew.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable
from dag_parts import AREA, DECISIONS, PUBLISHED, SETTINGS, nte_dag, nte_task, run_as_of


@nte_dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 7 * * *", timezone=AREA.time_zone), assets=[DECISIONS]
    ),
    doc=__doc__,
    tag="publish",
)
def publish_warehouse() -> None:
    """Wire the two steps."""

    @nte_task
    def score_bands() -> dict[str, int]:
        """Hold past bands and alerts against what came, each Monday, and name shifts that nobody announced."""
        from forecasts.steps import score_bands as step

        done = step(SETTINGS, AREA, run_as_of())
        return {"mondays": done.n_mondays, "out_of_bounds": done.n_out_of_bounds, "shifts": done.n_shifts}

    @nte_task(outlets=[PUBLISHED])
    def publish() -> dict[str, int]:
        """Build the copy, check it, swap it in; then the metrics beside it."""
        from reports.metrics.steps import write_metrics
        from reports.steps import publish_warehouse as step

        done = step(SETTINGS, AREA)
        write_metrics(SETTINGS, AREA, run_as_of())
        return done

    score_bands() >> publish()


publish_warehouse()
