"""Another channel is a rendering more: plain text for e-mail, in one file, for every kind of message."""

from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from alerts import steps
from alerts.words.message import Message, Part
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements, put_windows, window
from tests.alerts.test_bulletins import put_bands

SUNDAY, MONDAY, THURSDAY = date(2026, 3, 29), date(2026, 3, 30), date(2026, 4, 2)


def plain_lines(part: Part) -> Iterator[str]:
    yield from ("".join(span.text for span in line) for line in part)


def as_email(message: Message, address: str) -> EmailMessage:
    """Return a message as an e-mail: the headline or the first line as its subject, links as addresses."""
    paragraphs = [
        "\n".join(plain_lines(part)) for part in (message.lead, *message.views, *message.small) if part
    ]
    links = [f"{link.title}: {link.address}" for link in message.links]
    mail = EmailMessage()
    mail["To"] = address
    mail["Subject"] = message.headline or next(plain_lines(message.lead))[:120]
    mail.set_content("\n\n".join([*([message.note] if message.note else []), *paragraphs, *links]))
    return mail


@pytest.fixture
def said(settings: Settings) -> dict[str, list[Message]]:
    """Messages of every purpose that the service writes by itself."""
    views = (View("police", 14, "far_above"), View("ae", None, "unknown", why="refused"))
    evenings = [date(2026, 3, 20) + timedelta(days=d) for d in (0, 1, 2, 7, 8, 9)]
    put_judgements(settings, [row for e in evenings for row in judged(MONDAY, *views, evening=e)])
    put_windows(settings, [window("derby", "four_weekends", date(2026, 3, 6), SUNDAY, MONDAY)])
    put_bands(settings)
    served = settings.model_copy(update={"base_url": "http://nights.test/pages"})
    for now in (morning(MONDAY) + timedelta(hours=3), morning(THURSDAY) + timedelta(hours=11)):
        steps.decide_alerts(served, AREA, now)
        steps.write_messages(served, AREA, now)
        steps.announce_feeds(served, AREA, now)
        steps.write_bulletins(served, AREA, now)
    found: dict[str, list[Message]] = {}
    with open_warehouse(settings) as warehouse:
        for purpose, text in warehouse.read(OUTBOX).select("purpose", "message").iter_rows():
            found.setdefault(purpose, []).append(Message.model_validate_json(text))
    return found


def test_every_kind_of_message_is_an_email_without_any_channel_s_signs(
    said: dict[str, list[Message]],
) -> None:
    assert {"alert", "overflow", "feed", "digest", "heartbeat"} <= said.keys()
    for message in (m for messages in said.values() for m in messages):
        mail = as_email(message, "lead@example.org")
        text = mail.get_content()
        assert mail["Subject"]
        assert [
            sign for sign in ("*", "&amp;", "<b>", "\ue000", "\u200b") if sign in text + mail["Subject"]
        ] == []


def test_an_email_says_what_the_message_says(said: dict[str, list[Message]]) -> None:
    text = as_email(said["alert"][0], "lead@example.org").get_content()
    assert "Police 14 so far" in text
    asks = f"ask {AREA.sources['ae'].contact}"
    assert f"A&E not known: its delivery was refused, so the night is unknown, not quiet; {asks}." in text
    assert "What to do: http://nights.test/pages/for-leads" in text
