"""What a bench has measured, as a table in the terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table


def print_table(title: str, rows: Sequence[Mapping[str, object]], *, width: int = 200) -> None:
    """Print rows, of which there is at least one; fractions to three places."""
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=width).print(table)
