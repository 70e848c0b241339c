"""When files in the inbox wake a run: once a landing."""

import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).resolve().parent.parent / "plugins"
SCENE = """
import sys
sys.path.insert(0, sys.argv[1])
from inbox_watch import Told
told = Told(60.0)
a, b, c = ("police/a.csv", 1, 1), ("emas/b.csv", 1, 1), ("ae/c.csv", 1, 1)
changed = ("emas/b.csv", 2, 2)
for now, seen in ((0, ()), (1, (a, b, c)), (3, (a, b, c)), (20, (b, c)), (70, (b, c)), (75, (b,)), (120, (b,)),
                  (136, (b,)), (200, (b,)), (257, (b,)), (258, (changed,)), (300, ()), (301, (b,)), (302, (b, a))):
    print(now, told.is_news(tuple(sorted(seen)), float(now)))
"""


def test_one_landing_wakes_one_run_and_what_stays_wakes_another_ever_later() -> None:
    """Files that go are being taken; a reminder counts from the last that went."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCENE, str(PLUGINS)],
        capture_output=True,
        text=True,
        check=True,
    )
    woken = [int(line.split()[0]) for line in done.stdout.splitlines() if line.endswith("True")]
    assert woken == [
        1,  # three files land
        136,  # one has stood for a minute since the last went
        257,  # and for two minutes more
        258,  # it is another file now
        301,  # it went and came again
        302,
    ]
