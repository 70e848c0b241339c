"""What `nte backtest` does: whose budget it takes, and what it says of it."""

from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import Progress

from forecasts.backtest.walk import backtest_panel
from forecasts.known.area_inputs import band_settings
from forecasts.settings import BandSettings
from nte.area_files import AREA_FILE, load_area
from nte.english import listed
from nte.errors import MisuseError
from nte.settings import CHECKOUT

AREAS = CHECKOUT / "areas"


def backtest(console: Console, folder: Path, area_name: str | None, *, n_workers: int) -> None:
    """Walk forward over a panel folder under an area's budget, or the default's; say which and where the files are.

    Raises MisuseError when the folder holds no panel or no area has that name.
    """
    if not (folder / "nights.csv").is_file():
        raise MisuseError(f"{folder}: no panel, nights.csv is missing. Name a folder that has one.")
    settings = band_settings(load_area(_area_folder(area_name))) if area_name else BandSettings()
    console.print(say_settings(settings, area_name, _sources(folder)), highlight=False)
    with Progress(console=console) as progress:
        done = backtest_panel(folder, settings, progress, n_workers=n_workers)
    console.print(
        f"Written to {folder}: forecasts.csv, tail.csv, detectors.csv "
        f"({done.n_exceedances} of {done.n_windows:,} nights and windows above their limit)",
        highlight=False,
    )


def say_settings(settings: BandSettings, area_name: str | None, sources: list[str]) -> str:
    """Return in words under which budget and rule a panel of these sources is judged."""
    shares = ", ".join(
        f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in settings.budget_shares.items()
    )
    whose = f"As in the area {area_name}" if area_name else "No area named, so the default"
    n = settings.false_alarms_per_30_days
    return (
        f"{whose}: {n:g} false alarm{'s' * (n != 1)} in 30 days over the whole panel ({shares}); "
        f"above from a chance of {100 * settings.gamma:.0f} in 100; {_say_least(settings, sources)}."
    )


def _say_least(settings: BandSettings, sources: list[str]) -> str:
    if not settings.least_count and not settings.least_sum:
        return "no least counts"
    counts = [
        f"{source} {settings.least_count[source]}" for source in sources if source in settings.least_count
    ]
    without = [source for source in sources if source not in settings.least_count]
    sums = [f"{name.replace('_', ' ')} {least}" for name, least in settings.least_sum.items()]
    said = f"least counts {', '.join(counts) or 'none'}" + (
        f" (none for {listed(without)})" if without else ""
    )
    return f"{said}; least sums {', '.join(sums) or 'none'}"


def _sources(folder: Path) -> list[str]:
    return sorted(pl.read_csv(folder / "nights.csv", columns=["source"])["source"].unique())


def _area_folder(name: str) -> Path:
    """Return the folder of an area by its name, or by its path."""
    for folder in (AREAS / name, Path(name)):
        if (folder / AREA_FILE).is_file():
            return folder
    known = sorted(folder.parent.name for folder in AREAS.glob(f"*/{AREA_FILE}"))
    raise MisuseError(f"{name}: no such area. Name one of {', '.join(known)}, or a folder with {AREA_FILE}.")
