"""What Slack answers: where it put a message, why it refused one, or nothing."""

import re
from dataclasses import dataclass
from enum import StrEnum


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


_SAYS = re.compile(r"Slack says (\w+)(?: \(([^)]*)\))?: ")


def refusal_in(advice: str) -> SlackRefusalError | None:
    """Return the refusal that a reason, kept with a message, speaks of; None where it speaks of none."""
    said = _SAYS.match(advice)
    return SlackRefusalError(said[1], said[2] or "") if said else None


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
    "message_not_found": "somebody removed the first message; what is new is posted once more",
    "thread_not_found": "somebody removed the first message; what is new is posted once more",
}
