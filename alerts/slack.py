"""The Slack door: the only module that speaks to Slack.

Reading and editing may be repeated freely, so the SDK's retry handlers do it. Posting may not: Slack can
have taken a message whose answer was lost. The SDK repeats a post only when Slack refused it (429); after a
lost answer the caller looks for its own message first.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http.client import HTTPException
from pathlib import Path
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
from slack_sdk.web import SlackResponse

from alerts.blocks import Payload, with_picture

EVENT_TYPE = "nte_message"
LONGEST_WAIT_SECONDS = 60
"""A longer Retry-After is left to the next run."""
MOST_RETRIES = 3
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


@dataclass(frozen=True)
class Answer:
    """Where Slack put a message."""

    slack_channel: str
    slack_ts: str


class Scope(StrEnum):
    """What a refusal is about."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    MESSAGE = "message"


class SlackRefusalError(Exception):
    """Slack answered, and said no."""

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.code, self.needed = code, needed

    @property
    def scope(self) -> Scope:
        """Return whether the workspace, the channel or only this message is concerned."""
        if self.code in _WORKSPACE_CODES:
            return Scope.WORKSPACE
        return Scope.CHANNEL if self.code in _CHANNEL_CODES else Scope.MESSAGE

    @property
    def advice(self) -> str:
        """Return what a person can do about it."""
        known = _ADVICE.get(self.code, "see Slack's documentation of this error")
        return f"Slack says {self.code}{f' ({self.needed})' if self.needed else ''}: {known}"


class SlackSilentError(Exception):
    """No usable answer: whether Slack has taken the call is not known."""


_WORKSPACE_CODES = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "ekm_access_denied",
    "org_login_required",
    "team_access_not_granted",
    "no_permission",
    "ratelimited",
}
_CHANNEL_CODES = {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "channel_is_limited_access",
}
_RENEW = "make a new bot token and put it into the Airflow connection; messages wait until then"
_ADVICE = {
    "invalid_auth": _RENEW,
    "not_authed": _RENEW,
    "token_revoked": _RENEW,
    "token_expired": _RENEW,
    "account_inactive": _RENEW,
    "missing_scope": "add the scope to the app and install it again; messages wait until then",
    "channel_not_found": "create the channel or correct it in area.toml, then invite the bot",
    "not_in_channel": "invite the bot to the channel",
    "is_archived": "restore the channel or name another in area.toml",
    "ratelimited": "too many calls; the next run goes on",
    "message_not_found": "somebody deleted the first message; the decision stays in the warehouse",
    "thread_not_found": "somebody deleted the first message; the decision stays in the warehouse",
}


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

    def find(
        self, channel: str, message_id: str, since: datetime, thread: Answer | None = None
    ) -> Answer | None:
        """Return our own message by its metadata, when it is there."""
        slack_channel = thread.slack_channel if thread else self.channel_id(channel)
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._page(slack_channel, since, thread, cursor)
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

    def with_chart(self, payload: Payload, chart: Path | None) -> Payload:
        """Return the payload with its picture uploaded, or without a picture when that fails."""
        if chart is None or not chart.exists():
            return with_picture(payload, None)
        try:
            return with_picture(payload, self._upload(chart))
        except (SlackRefusalError, SlackSilentError):
            return with_picture(payload, None)

    def _upload(self, chart: Path) -> str:
        answer = _call(
            lambda: self._freely.files_upload_v2(filename=chart.name, file=str(chart), title=chart.stem)
        )
        return str(answer["files"][0]["id"])

    def _page(self, slack_channel: str, since: datetime, thread: Answer | None, cursor: str) -> SlackResponse:
        oldest = f"{since.timestamp() - 60:.6f}"
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
                oldest=oldest,
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
