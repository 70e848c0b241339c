"""The Slack door: the only module that speaks to Slack.

Reading and editing may be repeated freely, so the SDK's retry handlers do it. Posting may not: Slack can
have taken a message whose answer was lost. The SDK repeats a post only when Slack refused it (429); after a
lost answer the caller looks for its own message first.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import (
    ConnectionErrorRetryHandler,
    HttpRequest,
    HttpResponse,
    RateLimitErrorRetryHandler,
    RetryHandler,
    RetryState,
)
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import SlackResponse

from alerts.outbox.answers import Answer, SlackRefusalError, SlackSilentError
from alerts.slack.blocks import Payload, render, with_picture
from alerts.words.message import Message

EVENT_TYPE = "nte_message"
LONGEST_WAIT_SECONDS = 60
"""A longer Retry-After is left to the next run."""
MOST_RETRIES = 3
BEAT_SECONDS = 5.0
SERVER_ERROR = 500
TOO_MANY = 429
MOST_PAGES = 20
PAGE = 200


@dataclass(frozen=True)
class SlackAccess:
    """How to reach a workspace; the token is never shown."""

    token: str = field(repr=False)
    base_url: str = "https://slack.com/api/"
    app_token: str = field(default="", repr=False)


class _PatientRateLimit(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks, but not for an hour inside a task."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != TOO_MANY:
            return False
        waits = [v for k, v in response.headers.items() if k.lower() == "retry-after"]
        return not waits or int(waits[0][0]) <= LONGEST_WAIT_SECONDS


class SlackDoor:
    """Posts, edits and finds messages in one workspace."""

    def __init__(
        self,
        access: SlackAccess,
        *,
        pace_seconds: float = 1.05,
        timeout_seconds: int = 20,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pace, self._sleep = pace_seconds, sleep
        self._posted_at: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        silent = logging.getLogger("alerts.slack.sdk")
        silent.setLevel(logging.CRITICAL)
        only_refused: list[RetryHandler] = [_PatientRateLimit(max_retry_count=MOST_RETRIES)]
        freely: list[RetryHandler] = [
            *only_refused,
            ConnectionErrorRetryHandler(max_retry_count=MOST_RETRIES),
            ServerErrorRetryHandler(max_retry_count=MOST_RETRIES),
        ]
        self._once = WebClient(
            access.token,
            base_url=access.base_url,
            timeout=timeout_seconds,
            retry_handlers=only_refused,
            logger=silent,
        )
        self._freely = WebClient(
            access.token,
            base_url=access.base_url,
            timeout=timeout_seconds,
            retry_handlers=freely,
            logger=silent,
        )

    def post(self, channel: str, payload: Payload, message_id: str, thread_ts: str | None = None) -> Answer:
        """Post a new message. SlackSilentError leaves open whether it is there: look before repeating."""
        self._keep_pace(channel)
        answer = _call(
            lambda: self._once.chat_postMessage(
                channel=channel,
                text=payload["text"],
                blocks=payload["blocks"],
                thread_ts=thread_ts,
                metadata=_metadata(message_id),
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        self._ids[channel] = str(answer["channel"])
        return Answer(str(answer["channel"]), str(answer["ts"]))

    def edit(self, head: Answer, payload: Payload, head_id: str) -> Answer:
        """Put `payload` in the place of a message. May be repeated."""
        self._keep_pace(head.slack_channel)
        answer = _call(
            lambda: self._freely.chat_update(
                channel=head.slack_channel,
                ts=head.slack_ts,
                text=payload["text"],
                blocks=payload["blocks"],
                metadata=_metadata(head_id),
                parse="none",
                link_names=False,
            )
        )
        return Answer(str(answer["channel"]), str(answer["ts"]))

    def find(self, channel: str, message_id: str, thread: Answer | None = None) -> Answer | None:
        """Return our own message by its metadata, when it is there; the newest are looked at first.

        No date bounds the search: the run's clock need not be Slack's.
        """
        slack_channel = thread.slack_channel if thread else self.channel_id(channel)
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._page(slack_channel, thread, cursor)
            for message in page["messages"]:
                if _message_id(message) == message_id:
                    return Answer(slack_channel, str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        return None

    def channel_id(self, channel: str) -> str:
        """Return the id of '#name'. Raises SlackRefusalError when the bot does not see it."""
        if channel in self._ids or not channel.startswith("#"):
            return self._ids.get(channel, channel)
        for listed in self.channels():
            if listed["name"] == channel[1:]:
                return str(listed["id"])
        raise SlackRefusalError("channel_not_found")

    def channels(self) -> list[dict[str, Any]]:
        """Return every channel that the bot sees, with `name`, `id`, `is_member`, `is_archived`."""
        found: list[dict[str, Any]] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            page = _call(
                lambda cursor=cursor: self._freely.conversations_list(  # type: ignore[misc]
                    types="public_channel,private_channel", limit=PAGE, cursor=cursor or None
                )
            )
            found += page["channels"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found

    def identity(self) -> dict[str, Any]:
        """Return who we are in the workspace, and under `scopes` what we may do."""
        answer = _call(self._freely.auth_test)
        scopes = next((v for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
        return {"team": answer.get("team"), "user": answer.get("user"), "scopes": str(scopes).split(",")}

    def open_form(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Show a form to the person who pressed a button; Slack takes it for three seconds."""
        _call(lambda: self._once.views_open(trigger_id=trigger_id, view=view))

    def render(self, message: Message, chart: Path | None) -> Payload:
        """Return a message's blocks with its picture uploaded, or without a picture when that fails."""
        payload = render(message)
        if chart is None or not chart.exists():
            return with_picture(payload, None)
        try:
            return with_picture(payload, self._upload(chart))
        except (SlackRefusalError, SlackSilentError):
            return with_picture(payload, None)

    def has_picture(self, payload: Payload) -> bool:
        """Say whether an uploaded picture stands in a payload."""
        return any(block["type"] == "image" for block in payload["blocks"])

    def _upload(self, chart: Path) -> str:
        answer = _call(
            lambda: self._freely.files_upload_v2(filename=chart.name, file=str(chart), title=chart.stem)
        )
        return str(answer["files"][0]["id"])

    def _page(self, slack_channel: str, thread: Answer | None, cursor: str) -> SlackResponse:
        if thread:
            return _call(
                lambda: self._freely.conversations_replies(
                    channel=slack_channel,
                    ts=thread.slack_ts,
                    include_all_metadata=True,
                    limit=PAGE,
                    cursor=cursor or None,
                )
            )
        return _call(
            lambda: self._freely.conversations_history(
                channel=slack_channel,
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor or None,
            )
        )

    def _keep_pace(self, channel: str) -> None:
        """Slack takes one message a second and channel."""
        place = self._ids.get(channel, channel)
        wait = self._posted_at.get(place, -self._pace) + self._pace - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._posted_at[place] = time.monotonic()


def _metadata(message_id: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"message_id": message_id}}


def _message_id(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}).get("message_id")


def _call(ask: Callable[[], SlackResponse]) -> SlackResponse:
    """Return Slack's answer; a refusal and a silence become two different errors."""
    try:
        return ask()
    except SlackApiError as problem:
        if problem.response.status_code >= SERVER_ERROR:
            raise SlackSilentError(f"Slack answered {problem.response.status_code}") from problem
        code = str(problem.response.get("error") or f"http_{problem.response.status_code}")
        raise SlackRefusalError(code, str(problem.response.get("needed") or "")) from problem
    except (OSError, HTTPException, SlackClientError, ValueError) as problem:
        raise SlackSilentError(f"no answer from Slack ({type(problem).__name__})") from problem


def listen(
    access: SlackAccess,
    handle: Callable[[dict[str, Any]], None],
    stop: Event,
    *,
    beat: Callable[[], object],
) -> None:
    """Hand every button and form to `handle`, until `stop` is set. Each is acknowledged first: Slack waits 3 s.

    `beat` is called again and again as long as Slack is connected.
    """
    client = SocketModeClient(
        app_token=access.app_token, web_client=WebClient(access.token, base_url=access.base_url)
    )

    def on_request(socket: BaseSocketModeClient, request: SocketModeRequest) -> None:
        socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.type == "interactive":
            handle(request.payload)

    client.socket_mode_request_listeners.append(on_request)
    client.connect()
    try:
        while not stop.wait(BEAT_SECONDS):
            if client.is_connected():
                beat()
    finally:
        client.close()
