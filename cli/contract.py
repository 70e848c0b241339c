"""`nte contract`: what is asked of a provider, printed or written as a page or as a data contract."""

from datetime import UTC, date, datetime
from pathlib import Path

import typer
import yaml

from cli.check import named_source
from expectations.contract.odcs import as_odcs
from expectations.contract.page import as_html, as_markdown
from expectations.rules import Limits
from nte.area import Area, Source
from nte.errors import MisuseError
from nte.files import OPEN, write_text

EXAMPLE_DAY = date(2026, 3, 28)
"""A Saturday: the example is of the night before."""
MORNING = datetime(2026, 3, 28, 6, tzinfo=UTC)


def print_contract(area: Area, source: str) -> None:
    """Print what is asked of a source, in Markdown. Raises MisuseError when the area has no such source."""
    typer.echo(as_markdown(named_source(source, area), area, EXAMPLE_DAY), nl=False)


def write_contract(area: Area, source: str, out: Path) -> None:
    """Write it as the file's ending says. Raises MisuseError for another ending."""
    write = {".md": as_markdown, ".html": as_html, ".yaml": _as_yaml, ".yml": _as_yaml}.get(
        out.suffix.lower()
    )
    if write is None:
        raise MisuseError(f"{out}: its name must end with .md, .html or .yaml.")
    write_text(out, write(named_source(source, area), area, EXAMPLE_DAY), OPEN)


def _as_yaml(source: Source, area: Area, day: date) -> str:
    contract = as_odcs(source, area, Limits(MORNING, n_declared=0), day)
    return yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120)
