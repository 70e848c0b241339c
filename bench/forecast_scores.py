"""The table of scores: this forecast against default Prophet and climatology, on panels and on real incidents.

    python -m bench.forecast_scores FOLDER_OF_PANELS [--real CSV] [--every 1] [--prophet-every 13]

A panel with `truth.csv` is scored against the truth; one with `asof.csv` also as known on Monday mornings. Real
incidents are scored against the counts that came. Costs are CPU seconds per refit, measured in the same run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import forecasts_baselines as baselines
from bench import forecasts_truth as truth
from bench.forecasts_real import write_real_panel
from forecasts.backtest import completeness_on, issue_week
from forecasts.judging import judge_nights
from forecasts.panel_files import PanelFiles, counts_as_known, read_panel
from forecasts.settings import BandSettings

KEYS = ["centre_code", "source", "evening"]
CLIMATOLOGY_DAYS = 3 * 365
BANDS, CLIMATOLOGY, PROPHET = "this forecast", "night of week + NB", "default Prophet"


@dataclass(frozen=True)
class Method:
    """Forecasts of one method, and what they cost."""

    name: str
    rows: pl.DataFrame
    tails: Callable[[pl.DataFrame], truth.Floats]
    seconds_per_refit: float


def main() -> None:
    """Score every panel in a folder, and the real incidents if given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--every", type=int, default=1, help="score every n-th week")
    parser.add_argument("--prophet-every", type=int, default=13, help="refit default Prophet every n-th week")
    parser.add_argument("--write", type=Path, help="also write the scores as CSV to this folder")
    options = parser.parse_args()
    scores = [row for folder in _panels(options.folder) for row in _score_panel(folder, options)]
    _show("Against the truth", scores)
    _write(options.write, "scores.csv", scores)
    if options.real:
        real = [row for place in ("BORO", "PRECINCT") for row in _score_real(options.real, place, options)]
        _show("Against real incidents", real)
        _write(options.write, "scores_real.csv", real)


def _panels(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("**/truth.csv"))


def _score_panel(folder: Path, options: argparse.Namespace) -> list[dict[str, object]]:
    panel = read_panel(folder)
    known = _with_truth(folder, panel)
    mondays = sorted({night - timedelta(days=night.weekday()) for night in panel.evenings})[:: options.every]
    methods = [_bands(panel, mondays), _climatology(panel, mondays)]
    if options.prophet_every:
        methods.append(_prophet(panel, mondays[:: options.prophet_every]))
    rows: list[dict[str, object]] = []
    for method in methods:
        joined = method.rows.join(known, on=KEYS, maintain_order="left")
        scores = asdict(truth.score_against_truth(joined, method.tails(joined)))
        rows.append(
            {"panel": folder.name, "method": method.name, **scores, "seconds": method.seconds_per_refit}
        )
    if panel.reports is not None:
        rows.append({"panel": f"{folder.name}, on Mondays", **_score_young(panel, methods[0].rows, known)})
    return rows


def _with_truth(folder: Path, panel: PanelFiles) -> pl.DataFrame:
    """Return every night's truth and count, and whether it is an event of its centre."""
    rows = pl.read_csv(folder / "truth.csv", schema_overrides={"night": pl.Date})
    rows = rows.rename({"centre": "centre_code", "night": "evening"}).join(panel.counts, on=KEYS)
    rows = rows.join(panel.calendar, on="evening")
    area_wide = [pl.col(name) > 0 for name in truth.EVENT_COLUMNS if name in panel.calendar.columns]
    own = [
        (pl.col(name) > 0) & (pl.col("centre_code") == name.removeprefix("football_home_"))
        for name in panel.calendar.columns
        if name.startswith("football_home_")
    ]
    known = pl.when("is_covered").then("n_incidents")
    return rows.select(*KEYS, "mu", "r", n_incidents=known, is_event=pl.any_horizontal(area_wide + own))


def _bands(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    settings, started = BandSettings(), time.process_time()
    frames = [issue_week(panel, monday, settings) for monday in track(mondays, BANDS)]
    seconds = (time.process_time() - started) / len(mondays)
    rows = pl.concat(frames).with_columns(mean="expected", size="dispersion")
    return Method(BANDS, rows, baselines.count_tails, seconds)


def _climatology(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    started = time.process_time()
    frames = [
        baselines.climatology(_recent(panel, monday, CLIMATOLOGY_DAYS), _week(panel, monday))
        for monday in mondays
    ]
    seconds = (time.process_time() - started) / len(mondays)
    return Method(CLIMATOLOGY, pl.concat(frames), baselines.count_tails, seconds)


def _prophet(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    started = time.process_time()
    frames = [
        baselines.default_prophet(_recent(panel, monday, 10_000), _week(panel, monday))
        for monday in track(mondays, PROPHET)
    ]
    seconds = (time.process_time() - started) / len(mondays)
    return Method(PROPHET, pl.concat(frames), baselines.prophet_tails, seconds)


def _recent(panel: PanelFiles, monday: date, days: int) -> pl.DataFrame:
    return panel.counts.filter(pl.col("evening").is_between(monday - timedelta(days), monday, closed="left"))


def _week(panel: PanelFiles, monday: date) -> list[date]:
    return [night for night in panel.evenings if monday <= night < monday + timedelta(days=7)]


def _score_young(panel: PanelFiles, bands: pl.DataFrame, known: pl.DataFrame) -> dict[str, object]:
    """Score the nights as they are judged on Monday, against the truth thinned by the true shares (in hindsight)."""
    weeks = []
    for (monday,), week in bands.group_by(pl.col("evening").dt.truncate("1w").cast(pl.Date)):
        assert isinstance(monday, date)
        as_of = monday + timedelta(days=7)
        weeks.append(judge_nights(week, counts_as_known(panel, completeness_on(panel, as_of), as_of)))
    judged = pl.concat(weeks).filter(pl.col("verdict") != "unknown")
    judged = judged.with_columns(age_days=7 - pl.col("evening").dt.weekday() + 1).drop("n_incidents")
    rows = judged.join(_true_shares(panel), on=["source", "age_days"]).join(
        known, on=KEYS, maintain_order="left"
    )
    rows = rows.with_columns(pl.col("mu") * pl.col("true_share"))
    tails = truth.tails(rows["expected_so_far"].to_numpy(), rows["dispersion"].to_numpy())
    scores = asdict(truth.score_against_truth(rows.with_columns(n_incidents=pl.lit(None, pl.Int64)), tails))
    return {"method": BANDS, **scores, "alarms_percent": float("nan"), "seconds": 0.0}


def _true_shares(panel: PanelFiles) -> pl.DataFrame:
    assert panel.reports is not None
    final = panel.counts.filter(pl.col("is_covered")).select(*KEYS, final="n_incidents")
    return (
        panel.reports.join(final, on=KEYS)
        .group_by("source", "age_days")
        .agg(true_share=pl.col("n_known").sum() / pl.col("final").sum())
    )


def _score_real(file: Path, place: str, options: argparse.Namespace) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        write_real_panel(file, place, Path(folder))
        panel = read_panel(Path(folder))
    mondays = sorted({night - timedelta(days=night.weekday()) for night in panel.evenings})[
        :: 4 * options.every
    ]
    methods = [_bands(panel, mondays), _climatology(panel, mondays)]
    reference: float | None = None
    rows: list[dict[str, object]] = []
    for method in reversed(methods):
        joined = method.rows.join(panel.counts, on=KEYS, maintain_order="left")
        tails, counts = method.tails(joined), joined["n_incidents"].to_numpy()
        crps = float(truth.observed_crps(tails, counts).mean())
        reference = reference or crps
        pit = np.stack([truth.randomised_pit(tails, counts, seed) for seed in range(20)])
        above = {f"above_{share}_percent": 100 * float((pit > share / 100).mean()) for share in (99, 95, 80)}
        bias = float(joined["mean"].sum() / counts.sum())
        rows.append(
            {
                "panel": place,
                "method": method.name,
                "n_nights": len(counts),
                "crps": crps / reference,
                **above,
            }
            | {"expected_of_seen": bias, "seconds": method.seconds_per_refit}
        )
    return rows[::-1]


def _show(title: str, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=160).print(table)


def _write(folder: Path | None, name: str, rows: Sequence[dict[str, object]]) -> None:
    if folder and rows:
        folder.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(list(rows)).write_csv(folder / name)


if __name__ == "__main__":
    main()
