"""A walk: from the alert on a phone to being acted on, to the night's page as a viewer, to a silence that is lifted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from alerts import steps
from alerts.slack.door import SlackAccess
from alerts.slack.listen import FormWanted, Reply, read_interaction
from nte.files import write_text
from nte.progress import Look, Step, say_done
from nte.settings import Settings
from nte.warehouse import open_warehouse
from reports.steps import publish_warehouse
from tests.alerts.slack_server import TOKEN, SlackServer
from tests.browser.chromium import PHONE, browser, overflow, page_of
from tests.browser.serving import become, serve
from tests.reports.house import AREA, AS_OF, REFUSED, furnish

pytestmark = pytest.mark.browser

NOW = AS_OF + timedelta(hours=3)
LEAD, DERBY = "licensing-derby", "#nte-derby"


class Phone:
    """A licensing lead's phone: the channel of their district in Slack, and a browser."""

    def __init__(self, settings: Settings, server: SlackServer) -> None:
        self.settings, self.server = settings, server
        self.access = SlackAccess(TOKEN, server.base_url)

    def head(self) -> dict[str, Any]:
        """Return the alert as the channel shows it."""
        found: dict[str, Any] = self.server.workspace.threads(DERBY)[0][0]
        return found

    def buttons(self, message: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the buttons of a message by their titles."""
        rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
        return {button["text"]["text"]: button for row in rows for button in row}

    def press(self, message: dict[str, Any], title: str, **filled: Any) -> None:
        """Press a button, and fill in and save the form where it asks for one."""
        button = self.buttons(message)[title]
        channel = self.server.workspace.channels[DERBY.removeprefix("#")]
        by = {"user": {"id": "U7", "username": "k.shah"}, "trigger_id": "t", "channel": {"id": channel}}
        action = {"action_id": button["action_id"], "value": button["value"]}
        asked = read_interaction(by | {"type": "block_actions", "actions": [action]}, AREA)
        if isinstance(asked, FormWanted):
            values = {name: {name: entered} for name, entered in filled.items()}
            view = json.loads(json.dumps(asked.view)) | {"state": {"values": values}}
            asked = read_interaction(by | {"type": "view_submission", "view": view}, AREA)
        assert isinstance(asked, Reply)
        now = datetime.now(UTC)  # the pages go by the clock too
        assert steps.answer_interaction(self.settings, AREA, now, asked)
        self.go_on(now)

    def go_on(self, now: datetime) -> None:
        """Let the service post, and publish for the pages."""
        steps.post_pending(self.settings, AREA, now, self.access, pace_seconds=0)
        steps.render_messages(self.settings, AREA, now)
        publish_warehouse(self.settings, AREA, now)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def raise_alert(home: Path, address: str) -> Settings:
    """Decide and write what is to be said of the small house's surge, with links to the pages."""
    settings = Settings(home=home, base_url=address)
    write_text(settings.delivery_page(REFUSED), "why it was refused")
    with open_warehouse(settings) as warehouse:
        say_done(warehouse, Step.JUDGE, [Look(AS_OF, AS_OF, "1")], AS_OF)
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    return settings


@pytest.fixture(scope="module")
def phone(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """An alert is posted, and the pages are served."""
    home, slack = tmp_path_factory.mktemp("home"), AREA.slack
    furnish(home, is_told=False)
    channels = [slack.police_channel, slack.ops_channel, *slack.district_channels.values()]
    with serve(home) as address, SlackServer(channels) as server:
        phone = Phone(raise_alert(home, address), server)
        phone.go_on(NOW)
        yield phone


def test_from_the_alert_to_being_acted_on_to_the_nights_page_to_a_silence_that_is_lifted(
    chromium: Browser, phone: Phone
) -> None:
    address = phone.settings.base_url
    with page_of(chromium, PHONE, "light") as (page, seen):
        become(page, LEAD, address)

        phone.press(phone.head(), "Being acted on", actions={"selected_options": [{"value": "patrol"}]})
        assert "*Being acted on* since " in str(phone.head())
        assert "(k.shah): patrol." in str(phone.head())

        page.goto(phone.buttons(phone.head())["The night's page"]["url"])
        assert "Derby city centre, Saturday 28 March 2026" in page.inner_text("h1")
        said = page.inner_text("main")
        assert "fewer than 8" in said
        assert "It is being acted on (patrol) (k.shah" in said
        assert overflow(page) <= 0
        page.get_by_role("link", name="The whole weekend").click()
        assert "Derby city centre" in page.inner_text("table.nights")
        assert "Chesterfield" not in page.inner_text("main")
        page.get_by_role("link", name="Messages in Slack").click()
        assert "patrol" in page.inner_text("main")
        assert "#nte-police" not in page.inner_text("main")
        page.goto(phone.buttons(phone.head())["What to do"]["url"])
        assert "What an alert is" in page.inner_text("main")

        phone.press(
            phone.head(), "Silence", choice={"selected_option": {"value": "7"}}, note={"value": "the fair"}
        )
        assert "Derby city centre is silent in #nte-derby until" in notices(page, address)
        phone.press(phone.server.workspace.threads(DERBY)[0][-1], "Lift the silence")
        assert "is silent" not in notices(page, address)
        assert phone.server.workspace.faults == []
        assert seen.elsewhere == []


def notices(page: Page, address: str) -> str:
    page.goto(address)
    return " ".join(page.locator(".notice").all_inner_texts())


def test_every_link_in_a_channel_leads_to_what_its_readers_may_see(chromium: Browser, phone: Phone) -> None:
    address, slack = phone.settings.base_url, AREA.slack
    readers = {slack.police_channel: "police", DERBY: LEAD, slack.ops_channel: "nte"}
    steps.announce_feeds(phone.settings, AREA, NOW)
    steps.write_bulletins(phone.settings, AREA, NOW)
    phone.go_on(NOW)
    found = []
    with page_of(chromium, PHONE, "dark") as (page, _):
        for channel, user in readers.items():
            become(page, user, address)
            messages = [m for thread in phone.server.workspace.threads(channel) for m in thread]
            buttons = [button for message in messages for button in phone.buttons(message).values()]
            for link in {button["url"].partition("#")[0] for button in buttons if "url" in button}:
                answer = page.goto(link)
                found.append((channel, link, answer.status if answer else None))
    assert {channel for channel, *_ in found} == set(readers)
    assert [one for one in found if one[2] != 200] == []
