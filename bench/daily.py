"""What a day costs: a morning that brings a delivery a source, and a run with nothing to do, beside a plain script.

The script reads all files, counts, and fits a default Prophet to each series (bench/plain_pandas.py). CPU seconds by
the operating system's own account, children included. `python -m bench.daily [INBOX NOW]`: the day before NOW is run
first.
"""

import shutil
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from bench.history_load import AREA, NOW, PLAN, cost_of, cost_of_run
from simulator.deliveries import simulate_deliveries


def main() -> None:
    """Print the costs, and how the day's compares with the script's."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        now = datetime.fromisoformat(sys.argv[2] if len(sys.argv) > 2 else NOW)
        if given is None:
            simulate_deliveries(PLAN, AREA, work / "simulated")
            given = work / "simulated" / "inbox"
        shutil.copytree(given, work / "inbox")
        home, inbox = work / "home", work / "inbox"
        cost_of_run(home, inbox, now - timedelta(days=1))
        day, nothing = (cost_of_run(home, inbox, now) for _ in range(2))
        plain = cost_of(
            [sys.executable, "-W", "ignore", "-m", "bench.plain_pandas", str(given),
             str(AREA / "town_centres.geojson"), "--fit"], {}
        )  # fmt: skip
    print(plain.output.strip())
    for name, cost in (("a morning", day), ("nothing to do", nothing), ("plain pandas and Prophet", plain)):
        print(f"  {name:26} {cost.cpu_seconds:6.1f} s CPU  {cost.peak_gb:5.2f} GB peak")
    print(f"  a morning beside the script {day.cpu_seconds / plain.cpu_seconds:5.2f}")


if __name__ == "__main__":
    main()
