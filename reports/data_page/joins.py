"""How the tables of the copy join: a column that stands in several names the same thing. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

JOINS: Final[Mapping[str, tuple[str, str]]] = {
    "evening": ("nights", "evening"),
    "place_code": ("places", "place_code"),
    "centre_code": ("places", "place_code"),
    "source": ("sources", "source"),
    "definition": ("definitions", "definition"),
    "offence_group": ("offence_groups", "offence_group"),
    "delivery_id": ("deliveries", "delivery_id"),
    "alert_id": ("alerts", "alert_id"),
}
"""A column, and the table and column that say what it is."""
Columns = Mapping[str, Sequence[str]]


def targets_of(table: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the tables that say what the codes of a table are, itself not among them."""
    return tuple(dict.fromkeys(to for column, (to, _) in JOINS.items() if column in columns and to != table))


def picture(tables: Columns) -> str:
    """Return a mermaid flowchart: tables that join to the same others stand in one box."""
    known = dict.fromkeys(to for to, _ in JOINS.values())
    boxes: dict[tuple[str, ...], list[str]] = {}
    lines = ["flowchart LR", *(f'  {name}[("{name}")]' for name in known)]
    for table, columns in tables.items():
        targets = targets_of(table, columns)
        if table in known:
            lines += [f"  {table} --> {to}" for to in targets]
        elif targets:
            boxes.setdefault(targets, []).append(table)
    for n, (targets, names) in enumerate(boxes.items(), start=1):
        lines.append(f'  box{n}["{"<br>".join(names)}"] --> {" & ".join(targets)}')
    return "\n".join(lines)


def join_rows(tables: Columns) -> list[str]:
    """Return the rows of a Markdown table: each column, what it joins to, and from where."""
    rows = []
    for column, (to, key) in JOINS.items():
        where = [f"`{table}`" for table, columns in tables.items() if column in columns and table != to]
        rows.append(f"| `{column}` | `{to}.{key}` | {', '.join(where)} |")
    return rows
