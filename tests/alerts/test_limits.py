"""However much there is to say, a message stays within what Slack takes, and loses no sense at the cut."""

from datetime import date, timedelta

import pytest

from alerts import steps
from alerts.slack import blocks
from alerts.slack.mrkdwn import escape
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from tests.alerts.block_kit import faults
from tests.alerts.scenes import AREA, SATURDAY, View, as_slack, judged, morning, put_judgements

MONDAY = date(2026, 3, 30)
CENTRES = [c.centre_code for c in AREA.current_centres]


@pytest.mark.parametrize(
    "text", ["word " * 2000, "line\n" * 2000, "x" * 9000, escape("&" * 9000), "a " + "&lt;" * 2000]
)
def test_long_text_is_cut_at_a_word_and_never_inside_an_escape(text: str) -> None:
    message = blocks.payload(text, [blocks.section(text), blocks.context(text), blocks.header(text)])
    assert faults(message) == []
    for said in (message["text"], message["blocks"][0]["text"]["text"]):
        assert said.endswith(" …")
        assert said.count("&") == said.count(";")


def test_no_message_has_more_than_fifty_blocks() -> None:
    message = blocks.payload("much", [blocks.section("a")] * 80)
    assert faults(message) == []


def test_everything_above_everywhere_stays_within_slacks_limits(settings: Settings) -> None:
    views = (View("police", 1400, "far_above"), View("emas", 600, "above"), View("ae", 900, "far_above"))
    evenings = (SATURDAY - timedelta(days=1), SATURDAY, SATURDAY + timedelta(days=1))
    rows = [judged(MONDAY, *views, centre=centre, evening=e) for e in evenings for centre in CENTRES]
    put_judgements(settings, [row for night in rows for row in night])
    now = morning(MONDAY) + timedelta(hours=1)
    steps.decide_alerts(settings, AREA, now)
    steps.write_messages(settings, AREA, now)
    steps.write_bulletins(settings, AREA, now)
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX)
    messages = as_slack(outbox)
    assert {"alert", "digest"} <= set(outbox["purpose"])
    assert [fault for message in messages for fault in faults(message)] == []
    # One message about the county a night, to the police and each district; no storm of nineteen.
    assert outbox.filter(channel="#nte-police", purpose="alert").height <= 3
