"""`make bench`: every benchmark, each with its peer in the same run.

Forecasts are scored on the panels beside the checkout (`../shared/panels`) where there are any, a few weeks of each,
otherwise on the bundled one. Longer runs, by hand: `python -m bench.forecasts.scores`, and those named in LONGER.
"""

from pathlib import Path

from bench import history_load
from bench.alerts import __main__ as alerts
from bench.forecasts import scores

SHARED_PANELS = Path(__file__).resolve().parent.parent.parent / "shared" / "panels"
FEW_WEEKS = ["--every", "13", "--prophet-every", "4"]
"""Four weeks of a year, and default Prophet for the first of them: a minute."""
A_YEAR = ["--years", "1", "--seeds", "1", "--gammas", "0.75"]
"""One year of nights and windows, too few to tell 2 % from 5 %: half a minute."""

LONGER = """Not run here, because they take minutes:
  python -m bench.forecasts.scores PANELS --every 2 --prophet-every 9 [--real CSV]   the tables of docs/method.md
  python -m bench.forecasts.scenarios FOLDER       hard areas, to be scored by the same
  python -m bench.issue_at_scale --centres 1200    a large force's weekend: time and memory
  python -m bench.weekend_oracle                   the weekend detector beside an exact one
  python -m bench.alerts --years 10 --seeds 1 2 3  the alert tables of docs/method.md
  python -m bench.alerts.recursion                 what all looks cost, exactly, beside two million nights
  python -m bench.daily                            a morning, and nothing to do, beside Prophet on every series
  python -m bench.national                         43 forces' Thursday and Monday; --homes 2 for a first look
  python -m bench.landing_at_scale                 a landing beside twelve times the history
  python -m bench.interventions                    planted interventions read back; --scenarios wandering growth …
  python -m bench.alerts.inbox                     a year of deliveries with planted surges through `nte run`
  python -m bench.questions --home H --inbox I     each question of the query book, its seconds, and counted anew"""

history_load.main()
alerts.main(A_YEAR)
if SHARED_PANELS.is_dir():
    scores.main([str(SHARED_PANELS), *FEW_WEEKS])
else:
    scores.main([])
print(LONGER)
