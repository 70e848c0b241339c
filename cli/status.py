"""`nte status`: what is late, refused, unknown or waiting, in words."""

from datetime import datetime, timedelta

from rich.console import Console

from alerts.steps import troubles
from nte.area import Area
from nte.inbox import scan_inbox
from nte.settings import Settings
from nte.warehouse import open_warehouse

RECENT_DAYS = 14
REFUSED = "SELECT summary FROM verdicts WHERE verdict = 'rejected' AND decided_at > ? ORDER BY decided_at"
LAST = """SELECT source, max(known_at) AS known_at, max(covers_to_at) AS covers_to_at FROM deliveries
WHERE is_conformed GROUP BY source"""
UNKNOWN = """SELECT source, evening FROM night_counts WHERE evening > ? GROUP BY ALL
HAVING NOT bool_or(is_covered) ORDER BY ALL"""
WAITING = "SELECT status, count(*) AS n FROM outbox WHERE status IN ('pending', 'held') GROUP BY status ORDER BY status"


def show_status(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Print the state of feeds, nights and messages as of `now`."""
    if not settings.warehouse_file.exists():
        console.print(f"Nothing was taken yet. Put deliveries into {settings.inbox_folder} and say: nte run")
        return
    for trouble in troubles(settings):
        console.print(f"[red]failed[/]  {trouble.line}", highlight=False, soft_wrap=True)
    since = now - timedelta(days=RECENT_DAYS)
    with open_warehouse(settings) as warehouse:
        last = {r["source"]: r for r in warehouse.query(LAST).iter_rows(named=True)}
        refused = warehouse.query(REFUSED, [since])["summary"].to_list()
        unknown = warehouse.query(UNKNOWN, [area.clock.local_date(since)])
        waiting = warehouse.query(WAITING)
    for name, source in area.sources.items():
        console.print(
            _feed_line(name, source.title, last.get(name), area, now), highlight=False, soft_wrap=True
        )
    for line in refused:
        console.print(f"[red]refused[/]  {line}", highlight=False, soft_wrap=True)
    for row in unknown.iter_rows(named=True):
        console.print(
            f"[yellow]unknown[/]  {row['source']}: the night of {row['evening']:%a %d %b %Y} is not accounted for"
        )
    for row in waiting.iter_rows(named=True):
        console.print(f"{row['n']} messages {row['status']} in the outbox")
    for left in scan_inbox(settings.inbox_folder, area, now).left_alone:
        console.print(f"[yellow]left alone[/]  {left.path.name}: {left.why}", highlight=False, soft_wrap=True)


def _feed_line(name: str, title: str, last: dict[str, datetime] | None, area: Area, now: datetime) -> str:
    if last is None:
        return f"[red]never came[/]  {name} ({title})"
    due = area.clock.last_morning(now)
    when = last["known_at"].astimezone(area.clock.time_zone)
    if last["known_at"] >= due:
        return f"[green]here[/]  {name} ({title}): the delivery of {when:%a %d %b %Y}"
    days = (area.clock.local_date(due) - area.clock.local_date(last["known_at"])).days
    return (
        f"[red]late[/]  {name} ({title}): last delivery {when:%a %d %b %Y}, {days} "
        f"{'morning' if days == 1 else 'mornings'} missing. Ask the provider; its nights are unknown until then."
    )
