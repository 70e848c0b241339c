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

from alerts.outbox.caught_up import SAID_BY_HEAD, SUPERSEDED
from alerts.words.message import Message
from nte.settings import CHECKOUT
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse_file
from tests.alerts.poster import post
from tests.alerts.scenes import AREA, View, judged, put_judgements, settings_in
from tests.alerts.slack_server import SlackServer

LONGEST_LIFE_SECONDS = 1.5
IMPATIENCE = 0.3
CHANNELS = [AREA.slack.police_channel, AREA.slack.ops_channel, *AREA.slack.district_channels.values()]
DISTRICTS_FIRST = {c.district: c.centre_code for c in reversed(AREA.current_centres)}


def judge(home: Path, place: int) -> None:
    """Write the judgements of one morning, of which there are three: four alerts in two channels each move with it."""
    day, count, share = ((29, 12, 0.55), (30, 14, 0.7), (31, 13, 0.78))[place]
    centres = sorted(DISTRICTS_FIRST.values())[:4]
    views = [(View("police", count + n, "far_above", share), centre) for n, centre in enumerate(centres)]
    rows = [row for view, centre in views for row in judged(date(2026, 3, day), view, centre=centre)]
    put_judgements(settings_in(home), rows)


def kill_while_posting(n_kills: int, seed: int) -> list[str]:
    """Return what went wrong, over as many kills as asked."""
    random, wrong, n_done = Random(seed), list[str](), 0  # noqa: S311  a test scene
    while n_done < n_kills and not wrong:
        with tempfile.TemporaryDirectory() as folder, SlackServer(CHANNELS) as server:
            home = Path(folder)
            for place in range(3):
                judge(home, place)
                server.workspace.chaos = random
                # The next morning comes when all is said, or while something still waits.
                while n_done < n_kills and _n_waiting(home) != 0:
                    _post_and_kill(home, server.base_url, random)
                    n_done += 1
                    if random.random() < IMPATIENCE:
                        break
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
    for row in outbox:
        may_be_untold = row["kind"] != "head" and row["status_reason"] in (SAID_BY_HEAD, SUPERSEDED)
        if row["status"] != "posted" and not may_be_untold:
            wrong.append(f"{row['message_id']} is {row['status']}: {row['status_reason']}")
    meant = [row["message_id"] for row in outbox if row["kind"] != "edit" and row["status"] == "posted"]
    wrong += [f"{m} is there {seen[m]} times" for m in meant if seen[m] != 1]
    wrong += [f"{m} was never meant" for m in seen if m not in meant]
    newest = {
        row["head_id"] or row["message_id"]: Message.model_validate_json(row["message"]).spoken
        for row in outbox
        if row["kind"] != "reply"
    }
    for name in CHANNELS:
        for head, *replies in server.workspace.threads(name):
            ids = [m["metadata"]["event_payload"]["message_id"] for m in replies]
            if ids != sorted(ids):
                wrong.append(f"{name}: replies out of order: {ids}")
            if head["text"] != newest[head["metadata"]["event_payload"]["message_id"]]:
                wrong.append(f"{name}: a head does not say the newest: {head['text']}")
    return wrong


def test_a_killed_run_loses_no_alert_and_doubles_none() -> None:
    assert kill_while_posting(2, seed=11) == []


if __name__ == "__main__":
    started = time.monotonic()
    found = kill_while_posting(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(f"{sys.argv[1]} kills in {time.monotonic() - started:.0f} s; wrong: {found or 'nothing'}")
    sys.exit(bool(found))
