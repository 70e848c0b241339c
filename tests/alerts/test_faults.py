"""kill -9 while posting to a Slack that fails every third time: nothing lost, nothing doubled, threads whole.

More of it: python -m tests.alerts.test_faults 200
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

from nte.settings import CHECKOUT
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse_file
from tests.alerts.poster import post
from tests.alerts.scenes import AREA, View, judged, put_judgements, settings_in
from tests.alerts.slack_server import SlackServer

LONGEST_LIFE_SECONDS = 1.5
CHANNELS = [AREA.slack.police_channel, AREA.slack.ops_channel, *AREA.slack.district_channels.values()]
DISTRICTS_FIRST = {c.district: c.centre_code for c in reversed(AREA.current_centres)}


def prepare(home: Path) -> None:
    """Write judgements that make four alerts with two revisions each, in two channels each."""
    rows = []
    for n, centre in enumerate(sorted(DISTRICTS_FIRST.values())[:4]):
        for day, count, share in ((29, 12 + n, 0.55), (30, 14 + n, 0.7), (31, 13 + n, 0.78)):
            view = View("police", count, "far_above", share)
            rows += judged(date(2026, 3, day), view, centre=centre)
    put_judgements(settings_in(home), rows)


def kill_while_posting(n_kills: int, seed: int) -> list[str]:
    """Return what went wrong, over as many kills as asked."""
    random, wrong, n_done = Random(seed), list[str](), 0  # noqa: S311  a test scene
    while n_done < n_kills and not wrong:
        with tempfile.TemporaryDirectory() as folder, SlackServer(CHANNELS) as server:
            home = Path(folder)
            prepare(home)
            server.workspace.chaos = random
            while n_done < n_kills and _n_waiting(home) != 0:
                _post_and_kill(home, server.base_url, random)
                n_done += 1
            server.workspace.chaos = None
            post(home, server.base_url)
            wrong += what_is_wrong(home, server)
    return wrong


def _post_and_kill(home: Path, base_url: str, random: Random) -> None:
    command = [sys.executable, "-m", "tests.alerts.poster", str(home), base_url]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(random.random() * LONGEST_LIFE_SECONDS)
        child.kill()


def _n_waiting(home: Path) -> int | None:
    """Return how many messages wait, or None before any is written."""
    with open_warehouse_file(settings_in(home).warehouse_file) as warehouse:
        outbox = warehouse.read(OUTBOX)
    return outbox.filter(outbox["status"].is_in(["pending", "held"])).height if outbox.height else None


def what_is_wrong(home: Path, server: SlackServer) -> list[str]:
    """Compare what people see with what the outbox meant."""
    with open_warehouse_file(settings_in(home).warehouse_file) as warehouse:
        outbox = list(warehouse.read(OUTBOX).sort("sequence").iter_rows(named=True))
    wrong = list(server.workspace.faults)
    seen = Counter(
        message["metadata"]["event_payload"]["message_id"]
        for name in CHANNELS
        for message in server.workspace.posts(name)
    )
    meant = [row["message_id"] for row in outbox if row["kind"] != "edit"]
    wrong += [f"{m} is there {seen[m]} times" for m in meant if seen[m] != 1]
    wrong += [f"{m} was never meant" for m in seen if m not in meant]
    for name in CHANNELS:
        for head, *replies in server.workspace.threads(name):
            ids = [m["metadata"]["event_payload"]["message_id"] for m in replies]
            if ids != sorted(ids):
                wrong.append(f"{name}: replies out of order: {ids}")
            if "13" in head["text"] and not head.get("edited"):
                wrong.append(f"{name}: the head was not edited")
    return wrong


def test_a_killed_run_loses_no_alert_and_doubles_none() -> None:
    assert kill_while_posting(2, seed=11) == []


if __name__ == "__main__":
    started = time.monotonic()
    found = kill_while_posting(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(f"{sys.argv[1]} kills in {time.monotonic() - started:.0f} s; wrong: {found or 'nothing'}")
    sys.exit(bool(found))
