"""`nte lift`: a silence ends before its time."""

from datetime import datetime

from rich.console import Console

from alerts.steps import lift_silences, standing_stops
from cli.terminal import harmless
from nte.area import Area
from nte.errors import MisuseError
from nte.settings import Settings


def lift(
    console: Console,
    settings: Settings,
    area: Area,
    centre: str,
    channel: str | None,
    *,
    who: str,
    now: datetime,
) -> None:
    """End the silences of a town centre. Raises MisuseError when none stands, with those that do."""
    n_lifted = lift_silences(settings, area, now, centre, channel, who)
    where = f"in {channel}" if channel else "in every channel"
    if not n_lifted:
        standing = [f"{said} ({command})" for said, command in standing_stops(settings, area, now)]
        raise MisuseError(
            f"{centre!r}: no silence stands {where}. What stands: {'; '.join(standing) or 'nothing'}."
        )
    console.print(
        f"{harmless(area.centre_name(centre))}: no longer silent {where}. What waited goes out with the next run.",
        highlight=False,
        soft_wrap=True,
    )
