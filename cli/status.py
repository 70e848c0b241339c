"""`nte status`: what is late, refused, unknown or waiting, in words."""

from datetime import UTC, date, datetime, timedelta

from rich.console import Console

from alerts.steps import answered_alerts, held_messages, standing_stops, troubles
from cli.simulated import simulated_until
from cli.terminal import harmless, say_line
from nte.area import Area
from nte.deliveries.inbox import safe_name, scan_inbox
from nte.due import SourceState, due_at, next_action, read_deliveries, state_of_source
from nte.english import say_days, say_number, say_short_day, say_short_instant
from nte.service import read_service, service_problems
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
    """Print the state of the service, feeds, nights and messages as of `now`."""
    _show_service(console, settings, area)
    if not settings.warehouse_file.exists():
        console.print(
            f"Nothing was taken yet. Put deliveries into {harmless(settings.inbox_folder)} and say: nte run",
            soft_wrap=True,
        )
        return
    ends_on = simulated_until(settings.simulated_file) if settings.is_simulated else None
    if ends_on:
        console.print("The deliveries of this home are simulated (make demo).", highlight=False)
    for trouble in troubles(settings):
        say_line(console, "failed", "red", trouble.line)
    _show_held(console, settings, area, now)
    since = now - timedelta(days=RECENT_DAYS)
    with open_warehouse(settings) as warehouse:
        come = read_deliveries(warehouse.query, area, now)
        refused = [area.ask(text, name) for name, text in warehouse.query(REFUSED, [since]).iter_rows()]
        held = [area.ask(text, name) for name, text in warehouse.query(HELD).iter_rows()]
        unknown = warehouse.query(UNKNOWN, [area.clock.local_date(since)])
        waiting = warehouse.query(WAITING)
    for name in area.sources:
        _say_feed(console, state_of_source(area, name, come, now), area, ends_on)
    for line in refused:
        say_line(console, "refused", "red", line)
    for line in held:
        say_line(console, "held", "yellow", line)
    for row in unknown.iter_rows(named=True):
        night = f"{row['source']}: the night of {row['evening']:%a %d %b %Y} is not accounted for"
        is_asked = ends_on is None and _was_due(area, row["source"], row["evening"], now)
        asks = area.ask_about(row["source"], None) if is_asked else ""
        say_line(console, "unknown", "yellow", f"{night}{asks}")
    for row in waiting.iter_rows(named=True):
        console.print(f"{say_number(row['n'], 'message')} {row['status']} in the outbox")
    for left in scan_inbox(settings.inbox_folder, area, now).left_alone:
        say_line(console, "left alone", "yellow", f"{safe_name(left.path.name)}: {left.why}")


def _show_held(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Print what stops alerts, who asked for it and how to lift it, and which messages are held back and why."""
    for said, lift in standing_stops(settings, area, now):
        say_line(console, "stopped", "yellow", f"{said}. To lift: {lift}")
    for said in answered_alerts(settings, area, now):
        say_line(console, "answered", "green", said)
    for said in held_messages(settings, area):
        say_line(console, "held", "yellow", said)


def _show_service(console: Console, settings: Settings, area: Area) -> None:
    """Print what of the running service does not run, whatever the time as of which the rest is shown."""
    if service := read_service(settings.service_file):
        for problem in service_problems(service, area, datetime.now(UTC)):
            say_line(console, "service", "red", problem)


def _say_feed(console: Console, state: SourceState, area: Area, ends_on: date | None) -> None:
    """Print how a feed stands. `ends_on`: the day of the last simulated delivery: nobody can be asked for more."""
    name = f"{state.source} ({area.sources[state.source].title})"
    last = say_short_instant(state.last["known_at"], area) if state.last else "none yet"
    if state.state in (FeedState.HERE, FeedState.NOT_DUE):
        say_line(console, _label(state), "green", f"{name}: {state.state.meaning}; last delivery {last}")
        return
    ends = f"The simulation ends on {say_short_day(ends_on)}: nobody is to be asked." if ends_on else ""
    missing = f"not known: {say_days(state.missing)}. {ends or next_action(state, area)}"
    say_line(console, _label(state), "red", f"{name}: {state.state.meaning}; last delivery {last}; {missing}")


def _was_due(area: Area, source: str, evening: date, now: datetime) -> bool:
    """Say whether the delivery of a night should have come; of a source that the area no longer has nothing is due."""
    return source in area.sources and due_at(area, source, evening) <= now


def _label(state: SourceState) -> str:
    return str(state.state).replace("_", " ")
