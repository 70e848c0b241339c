"""Every recent message as Slack shows it: one self-contained page, escaped by default."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from markupsafe import escape as escape_html

from alerts.outbox.intents import HELD, NOT_POSTED, PENDING, POSTED
from alerts.words.message import Line, Message
from alerts.words.wording import HIGH_SIGN, SIGNS
from nte.area import Area
from nte.english import say_day
from nte.simulated import SIMULATED

_DOTS = {sign: str(verdict) for verdict, sign in SIGNS.items()} | {HIGH_SIGN: "high"}
"""Drawn, because not every machine has pictures for these signs."""
_STATUS = {PENDING: "waiting to be posted", HELD: "held back", NOT_POSTED: "not posted", POSTED: ""}


@dataclass(frozen=True)
class Shown:
    """One message as people see it."""

    message: Message
    written_at: datetime
    status: str
    status_reason: str
    is_edited: bool
    replies: tuple["Shown", ...] = ()
    picture: str = ""

    @property
    def is_waiting(self) -> bool:
        """Say whether it is still to be posted."""
        return self.status in (PENDING, HELD)

    @property
    def note(self) -> str:
        """Return why people in Slack do not see it, or nothing."""
        said = _STATUS.get(self.status, self.status)
        return f"{said}: {self.status_reason}" if said and self.status_reason else said


def threads_by_channel(outbox: pl.DataFrame, pictures: Mapping[str, bytes]) -> dict[str, list[Shown]]:
    """Return the threads of each channel, oldest first, every head in its latest form."""
    channels: dict[str, list[Shown]] = {}
    rows = list(outbox.sort("sequence").iter_rows(named=True))
    for row in (r for r in rows if r["kind"] == "head"):
        rest = [r for r in rows if r["head_id"] == row["message_id"]]
        edits = [r for r in rest if r["kind"] == "edit"]
        replies = tuple(_shown(r, r, False, {}) for r in rest if r["kind"] == "reply")
        shown = _shown(row, edits[-1] if edits else row, bool(edits), pictures, replies)
        channels.setdefault(row["channel"], []).append(shown)
    return channels


def _shown(
    row: dict[str, Any],
    latest: dict[str, Any],
    is_edited: bool,
    pictures: Mapping[str, bytes],
    replies: tuple[Shown, ...] = (),
) -> Shown:
    picture = pictures.get(latest["chart"] or "", b"")
    address = "data:image/png;base64," + base64.b64encode(picture).decode() if picture else ""
    return Shown(
        Message.model_validate_json(latest["message"]),
        row["written_at"],
        row["status"],
        row["status_reason"] or "",
        is_edited,
        replies,
        address,
    )


def render_page(
    channels: Mapping[str, list[Shown]],
    area: Area,
    now: datetime,
    stopped: Sequence[str],
    *,
    is_simulated: bool = False,
) -> str:
    """Return the page. `stopped` says which pause and silences stand: who, since or until when.

    `is_simulated`: what the messages are about is simulated, and the page says so at its top.
    """
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = line_html
    environment.filters["clock"] = lambda instant: f"{instant.astimezone(area.clock.time_zone):%H:%M}"
    environment.filters["day"] = lambda instant: say_day(area.clock.local_date(instant))
    order = [area.slack.police_channel, *area.slack.district_channels.values(), area.slack.ops_channel]
    named = {name: channels[name] for name in dict.fromkeys([*order, *channels]) if name in channels}
    n_waiting = sum(
        m.is_waiting for threads in channels.values() for head in threads for m in (head, *head.replies)
    )
    template = environment.get_template("slack.html.j2")
    return template.render(
        channels=named, area=area, now=now, stopped=stopped, n_waiting=n_waiting,
        simulated=SIMULATED if is_simulated else "",
    )  # fmt: skip


def line_html(line: Line) -> Markup:
    """Return a line as HTML: escaped, what is strong in bold, signs drawn."""
    html = Markup().join(
        Markup("<b>{}</b>").format(s.text) if s.is_strong else escape_html(s.text) for s in line
    )
    for sign, kind in _DOTS.items():
        html = html.replace(sign, Markup('<i class="dot {}"></i>').format(kind))
    return html
