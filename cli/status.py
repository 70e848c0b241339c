"""`nte status`: what is late, refused, unknown or waiting, in words."""

from datetime import datetime, timedelta

from rich.console import Console
from rich.markup import escape

from alerts.steps import held_messages, standing_stops, troubles
from nte.area import Area
from nte.due import SourceState, next_action, read_deliveries, state_of_source
from nte.english import say_days, say_short_instant
from nte.inbox import safe_name, scan_inbox
from nte.settings import Settings
from nte.warehouse import open_warehouse
from nte.words import DeliveryVerdict, FeedState

RECENT_DAYS = 14
OF_VERDICT = "SELECT source, summary FROM verdicts JOIN deliveries USING (delivery_id) WHERE verdict = "
REFUSED = f"{OF_VERDICT} 'rejected' AND decided_at > ? ORDER BY decided_at"
HELD = f"{OF_VERDICT} '{DeliveryVerdict.HELD}' ORDER BY decided_at"
UNKNOWN = """SELECT source, evening FROM night_counts WHERE evening > ? GROUP BY ALL
HAVING NOT bool_or(is_covered) ORDER BY ALL"""
WAITING = "SELECT status, count(*) AS n FROM outbox WHERE status = 'pending' GROUP BY status"


def show_status(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Print the state of feeds, nights and messages as of `now`."""
    if not settings.warehouse_file.exists():
        console.print(f"Nothing was taken yet. Put deliveries into {settings.inbox_folder} and say: nte run")
        return
    for trouble in troubles(settings):
        console.print(f"[red]failed[/]  {trouble.line}", highlight=False, soft_wrap=True)
    _show_held(console, settings, area, now)
    since = now - timedelta(days=RECENT_DAYS)
    with open_warehouse(settings) as warehouse:
        come = read_deliveries(warehouse.query, area, now)
        refused = [area.ask(text, name) for name, text in warehouse.query(REFUSED, [since]).iter_rows()]
        held = [area.ask(text, name) for name, text in warehouse.query(HELD).iter_rows()]
        unknown = warehouse.query(UNKNOWN, [area.clock.local_date(since)])
        waiting = warehouse.query(WAITING)
    for name in area.sources:
        line = _feed_line(state_of_source(area, name, come, now), area)
        console.print(line, highlight=False, soft_wrap=True)
    for line in refused:
        console.print(f"[red]refused[/]  {escape(line)}", highlight=False, soft_wrap=True)
    for line in held:
        console.print(f"[yellow]held[/]  {escape(line)}", highlight=False, soft_wrap=True)
    for row in unknown.iter_rows(named=True):
        console.print(
            f"[yellow]unknown[/]  {row['source']}: the night of {row['evening']:%a %d %b %Y} is not accounted for"
        )
    for row in waiting.iter_rows(named=True):
        console.print(f"{row['n']} messages {row['status']} in the outbox")
    for left in scan_inbox(settings.inbox_folder, area, now).left_alone:
        name = safe_name(left.path.name)
        console.print(f"[yellow]left alone[/]  {name}: {left.why}", highlight=False, soft_wrap=True)


def _show_held(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Print what stops alerts, who asked for it and how to lift it, and which messages are held back and why."""
    for said, lift in standing_stops(settings, area, now):
        line = f"[yellow]stopped[/]  {escape(said)}. To lift: {escape(lift)}"
        console.print(line, highlight=False, soft_wrap=True)
    for said in held_messages(settings, area):
        console.print(f"[yellow]held[/]  {escape(said)}", highlight=False, soft_wrap=True)


def _feed_line(state: SourceState, area: Area) -> str:
    name = f"{state.source} ({area.sources[state.source].title})"
    last = say_short_instant(state.last["known_at"], area) if state.last else "none yet"
    if state.state in (FeedState.HERE, FeedState.NOT_DUE):
        return f"[green]{_label(state)}[/]  {name}: {state.state.meaning}; last delivery {last}"
    return (
        f"[red]{_label(state)}[/]  {name}: {state.state.meaning}; last delivery {last}; "
        f"not known: {say_days(state.missing)}. {escape(next_action(state, area))}"
    )


def _label(state: SourceState) -> str:
    return str(state.state).replace("_", " ")
