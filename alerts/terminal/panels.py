"""Messages for a terminal: what `nte run` prints when there is no Slack."""

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from alerts.page.render import Shown


def panels(channels: Mapping[str, list[Shown]], *, most: int = 20) -> list[RenderableType]:
    """Return the latest messages of each channel as panels, oldest first."""
    found: list[RenderableType] = []
    for name, threads in channels.items():
        found += [_panel(name, message) for message in threads[-most:]]
    return found


def _panel(channel: str, message: Shown) -> Panel:
    body: list[RenderableType] = [Text("\n".join(_lines(message)))]
    body += [Padding(Text("↳ " + "\n".join(_lines(reply))), (0, 0, 0, 2)) for reply in message.replies]
    note = f" · {message.note}" if message.note else ""
    return Panel(Group(*body), title=Text(channel + note), title_align="left", border_style="cyan")


def _lines(shown: Shown) -> Iterable[str]:
    said = shown.message
    yield from (text for text in (said.headline, said.note) if text)
    for part in (said.lead, said.answered, *said.views, *said.small):
        yield from ("".join(span.text for span in line) for line in part)
