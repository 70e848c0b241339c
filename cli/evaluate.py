"""`nte evaluate`: what interventions did, or what a planned one would have to do to be seen."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from cli.terminal import harmless
from nte.area import Area
from nte.errors import MisuseError
from nte.interventions import Intervention
from nte.settings import Settings
from nte.warehouse import read_published
from reports.interventions.sentences import POST_HOC, Row, board_sentences

EFFECTS = "SELECT * FROM intervention_effects WHERE intervention_id = ? AND as_of = ? ORDER BY source, method"


def named_interventions(area: Area, intervention_id: str | None) -> list[Intervention]:
    """Return the intervention of that name, or all. Raises MisuseError where there is none."""
    if not area.interventions:
        raise MisuseError(
            f"{area.name}: the area folder declares no intervention. Write one into its interventions.csv, or ask with "
            "--plan what could be seen of one."
        )
    chosen = [one for one in area.interventions if intervention_id in {None, one.intervention_id}]
    if not chosen:
        known = ", ".join(one.intervention_id for one in area.interventions)
        raise MisuseError(f"{intervention_id}: no such intervention. The area folder declares {known}.")
    return chosen


def show_effects(
    console: Console, settings: Settings, area: Area, one: Intervention, as_of: datetime
) -> None:
    """Print what an evaluation found: three sentences, then every source by both methods."""
    rows = read_published(settings.published_file, EFFECTS, [one.intervention_id, as_of]).to_dicts()
    console.print(
        f"\n[bold]{harmless(one.intervention_id)}[/]: {harmless(one.hypothesis)}",
        highlight=False,
        soft_wrap=True,
    )
    for sentence in ([POST_HOC] if one.is_post_hoc else []) + board_sentences(one, rows, area):
        console.print(harmless(sentence), highlight=False, soft_wrap=True)
    console.print(effects_table(rows, area))


def effects_table(rows: Sequence[Row], area: Area) -> Table:
    """Return every source by both methods, as a table for the terminal."""
    table = Table("source", "method", "came", "would have", "change (95 %)", "rank", "could be seen")
    for row in rows:
        due = "" if row["n_counterfactual"] is None else f"{row['n_counterfactual']:.0f}"
        begin = (area.source_title(row["source"]), row["method"], str(row["n_observed"]), due)
        if row["ratio"] is None:
            table.add_row(*begin, f"none: {row['why_not']}", "", "")
            continue
        seen = "nothing" if row["detectable_ratio"] is None else _percent(row["detectable_ratio"])
        table.add_row(
            *begin,
            f"{_percent(row['ratio'])} ({_percent(row['lower'])} to {_percent(row['upper'])})",
            f"{row['placebo_rank']} of {row['n_placebos'] + 1}",
            seen,
        )
    return table


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.0f} %".replace("-", "−")
