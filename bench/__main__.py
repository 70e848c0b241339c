"""`make bench`: every benchmark, each with its peer in the same run.

Forecasts are scored on the panels beside the checkout (`../shared/panels`) where there are any, a few weeks of each,
otherwise on the bundled one. `python -m bench.forecast_scores` has the longer runs.
"""

from pathlib import Path

from bench import forecast_scores, history_load

SHARED_PANELS = Path(__file__).resolve().parent.parent.parent / "shared" / "panels"
FEW_WEEKS = ["--every", "13", "--prophet-every", "4"]
"""Four weeks of a year, and default Prophet for the first of them: a minute."""

history_load.main()
if SHARED_PANELS.is_dir():
    forecast_scores.main([str(SHARED_PANELS), *FEW_WEEKS])
else:
    forecast_scores.main([])
