"""Is the Slack workspace ready? Channels, membership and scopes against the area file."""

from collections.abc import Sequence
from typing import Any

from nte.area import Area

NEEDED_SCOPES = (
    "chat:write",
    "files:write",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
)
"""`groups:` speaks of private channels; Slack refuses to list the public ones without it too."""


def wanted_channels(area: Area) -> list[str]:
    """Return every channel that the area file names."""
    slack = area.slack
    return list(dict.fromkeys([slack.ops_channel, slack.police_channel, *slack.district_channels.values()]))


def workspace_problems(area: Area, scopes: Sequence[str], channels: Sequence[dict[str, Any]]) -> list[str]:
    """Return what must be mended before every message can be posted, each with the next action."""
    problems = [
        f"the bot lacks the scope {scope}: add it to the app and install it again"
        for scope in NEEDED_SCOPES
        if scope not in scopes
    ]
    seen = {str(c["name"]): c for c in channels} | {str(c["id"]): c for c in channels}
    for name in wanted_channels(area):
        channel = seen.get(name.removeprefix("#"))
        if channel is None:
            problems.append(f"{name} is not there, or the bot cannot see it: create it and invite the bot")
        elif channel.get("is_archived"):
            problems.append(f"{name} is archived: restore it or name another in area.toml")
        elif not channel.get("is_member"):
            problems.append(f"{name}: the bot is not in it: invite it")
    return problems
