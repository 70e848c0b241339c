"""The table of scores: this forecast against default Prophet and climatology, on panels and on real incidents.

    python -m bench.forecasts.scores [FOLDER_OF_PANELS] [--real CSV] [--every 1] [--prophet-every 13] [--alone]

A panel with `truth.csv` is scored against the truth; one with `asof.csv` also as known on Monday mornings. Real
incidents are scored against the counts that came. Costs are CPU seconds per refit, measured in the same run.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench.forecasts import methods, truth
from bench.forecasts.real import write_real_panel
from bench.tables import print_table
from forecasts.backtest.panel_files import PanelFiles, counts_as_known, read_panel
from forecasts.backtest.walk import completeness_on
from forecasts.judging.nights import judge_nights
from forecasts.settings import BandSettings

Rows = list[dict[str, object]]
KEYS = ["centre_code", "source", "evening"]
MAX_PROPHETS = 10
"""Series up to which default Prophet is fitted to real incidents."""
PANELS = Path(__file__).resolve().parent.parent / "panels"
"""The bundled panel, for machines that have no other."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Score every panel in a folder, and the real incidents if given."""
    options = _options(arguments)
    panels = [_score_panel(folder, options) for folder in _panels(options.folder)]
    scores = [row for rows, _ in panels for row in rows]
    _show("Against the truth", scores)
    _show_costs(scores)
    _write(options.write, "scores.csv", scores)
    _write(options.write, "pit.csv", [row for _, rows in panels for row in rows])
    if options.real:
        real = [row for place in ("BORO", "PRECINCT") for row in _score_real(options.real, place, options)]
        _show("Against real incidents", real)
        _write(options.write, "scores_real.csv", real)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=PANELS, help="default: the bundled panel")
    parser.add_argument("--real", type=Path)
    parser.add_argument("--every", type=int, default=1, help="score every n-th week")
    parser.add_argument("--prophet-every", type=int, default=13, help="refit default Prophet every n-th week")
    parser.add_argument("--alone", action="store_true", help="without baselines")
    parser.add_argument("--write", type=Path, help="also write the scores as CSV to this folder")
    return parser.parse_args(arguments)


def _panels(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("**/truth.csv"))


def _score_panel(folder: Path, options: argparse.Namespace) -> tuple[Rows, Rows]:
    """Return the scores of every method on a panel, and their PIT histograms."""
    panel = read_panel(folder)
    known = _with_truth(folder, panel)
    mondays = methods.all_mondays(panel)[:: options.every]
    compared = _compared(panel, mondays, options.prophet_every, is_alone=options.alone)
    scores: Rows = []
    histograms: Rows = []
    for method in compared:
        joined = method.rows.join(known, on=KEYS, maintain_order="left")
        tails, named = method.tails(joined), {"panel": folder.name, "method": method.name}
        of_truth = asdict(truth.score_against_truth(joined, tails))
        scores.append({**named, **of_truth, "seconds": method.seconds_per_refit})
        shares = truth.expected_pit(tails, truth.tails(joined["mu"].to_numpy(), joined["r"].to_numpy()))
        histograms += [{**named, "tenth": n + 1, "share": float(s)} for n, s in enumerate(shares)]
    if panel.reports is not None:
        scores.append({"panel": f"{folder.name}, on Mondays", **_score_young(panel, compared[0].rows, known)})
    return scores, histograms


def _compared(
    panel: PanelFiles, mondays: Sequence[date], prophet_every: int, *, is_alone: bool = False
) -> list[methods.Method]:
    """Return this forecast first, then its baselines; Prophet, by far the slowest, on fewer weeks."""
    compared = [methods.bands(panel, mondays)]
    if is_alone:
        return compared
    compared += [methods.regression(panel, mondays), methods.climatology(panel, mondays)]
    if prophet_every:
        prophet = methods.prophet(panel, mondays[::prophet_every])
        compared += [methods.prophet_counts(prophet), prophet]
    return compared


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


def _score_young(panel: PanelFiles, bands: pl.DataFrame, known: pl.DataFrame) -> dict[str, object]:
    """Score the nights as they are judged on Monday, against the truth thinned by the true shares (in hindsight)."""
    weeks = []
    for (monday,), week in bands.group_by(pl.col("evening").dt.truncate("1w").cast(pl.Date)):
        assert isinstance(monday, date)
        as_of = monday + timedelta(days=7)
        counts = counts_as_known(panel, completeness_on(panel, as_of), as_of)
        weeks.append(judge_nights(week, counts, BandSettings().gamma))
    judged = pl.concat(weeks).filter(pl.col("verdict") != "unknown")
    judged = judged.with_columns(age_days=7 - pl.col("evening").dt.weekday() + 1).drop("n_incidents")
    rows = judged.join(_true_shares(panel), on=["source", "age_days"]).join(
        known, on=KEYS, maintain_order="left"
    )
    rows = rows.with_columns(pl.col("mu") * pl.col("true_share"))
    tails = truth.tails(rows["expected_so_far"].to_numpy(), rows["dispersion"].to_numpy())
    scores = asdict(truth.score_against_truth(rows.with_columns(n_incidents=pl.lit(None, pl.Int64)), tails))
    return {"method": methods.BANDS, **scores, "alarms_percent": float("nan"), "seconds": 0.0}


def _true_shares(panel: PanelFiles) -> pl.DataFrame:
    assert panel.reports is not None
    final = panel.counts.filter(pl.col("is_covered")).select(*KEYS, final="n_incidents")
    return (
        panel.reports.join(final, on=KEYS)
        .group_by("source", "age_days")
        .agg(true_share=pl.col("n_known").sum() / pl.col("final").sum())
    )


def _score_real(file: Path, place: str, options: argparse.Namespace) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        write_real_panel(file, place, Path(folder))
        panel = read_panel(Path(folder))
    mondays = methods.all_mondays(panel)[:: 4 * options.every]
    # One Prophet for each of dozens of precincts takes minutes a refit.
    prophet_every = options.prophet_every if panel.centres.height <= MAX_PROPHETS else 0
    compared = _compared(panel, mondays, prophet_every)
    reference = next(method for method in compared if method.name == methods.CLIMATOLOGY)
    errors = _errors(reference, panel)
    return [{"panel": place, **_real_scores(method, panel, errors)} for method in compared]


def _errors(method: methods.Method, panel: PanelFiles) -> pl.DataFrame:
    joined = method.rows.join(panel.counts, on=KEYS, maintain_order="left")
    crps = truth.observed_crps(method.tails(joined), joined["n_incidents"].to_numpy())
    return joined.select(*KEYS, reference=pl.Series(crps))


def _real_scores(method: methods.Method, panel: PanelFiles, reference: pl.DataFrame) -> dict[str, object]:
    """Return the error beside climatology's on the same nights, and the share of nights above each limit."""
    joined = method.rows.join(panel.counts, on=KEYS, maintain_order="left")
    joined = joined.join(reference, on=KEYS, maintain_order="left")
    tails, counts = method.tails(joined), joined["n_incidents"].to_numpy()
    pit = np.stack([truth.randomised_pit(tails, counts, seed) for seed in range(20)])
    return {
        "method": method.name,
        "n_nights": len(counts),
        "crps": float(truth.observed_crps(tails, counts).mean() / joined["reference"].to_numpy().mean()),
        **{f"above_{share}_percent": 100 * float((pit > share / 100).mean()) for share in (99, 95, 90)},
        "expected_of_seen": float(joined["mean"].sum() / counts.sum()),
        "seconds": method.seconds_per_refit,
    }


def _show(title: str, rows: Rows) -> None:
    if rows:
        print_table(title, rows, width=160)


def _show_costs(scores: Rows) -> None:
    """Print the cost of a refit as a share of one default Prophet per series, measured in this run."""
    seconds = {(row["panel"], row["method"]): row["seconds"] for row in scores}
    for (panel, method), peer in seconds.items():
        ours = seconds.get((panel, methods.BANDS))
        if method == methods.PROPHET and isinstance(ours, float) and isinstance(peer, float):
            share = 100 * ours / peer
            print(
                f"{panel}: a refit takes {ours:.1f} s CPU, {share:.0f} % of the {peer:.1f} s of one default "
                "Prophet per series"
            )


def _write(folder: Path | None, name: str, rows: Rows) -> None:
    if folder and rows:
        folder.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(list(rows)).write_csv(folder / name)


if __name__ == "__main__":
    main()
