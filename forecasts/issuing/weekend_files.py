"""A weekend's bands as files: its inputs, the area's fit and the shards, each written once and never changed.

Workers need nothing but this folder: no warehouse, no Airflow. All of it may be run again at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

import polars as pl

from forecasts.issuing.bands import BAND_SCHEMA, in_whole_counts
from forecasts.issuing.shards import (
    FIT,
    FRAMES,
    PLAN,
    WeekendInputs,
    cut,
    fit_weekend_area,
    folder_name,
    frame_bytes,
    read_frame,
    shard_file,
    shard_of,
    weekend_files,
    weekend_of,
)
from nte.errors import NteError
from nte.shared_files import SharedFolder, names_in, put_once, remove_folder


@dataclass(frozen=True)
class Shard:
    """Some centres of one weekend: what one worker forecasts."""

    weekend: str
    """Folder of the weekend's inputs."""
    first: int
    last: int
    n_centres: int

    @property
    def title(self) -> str:
        """As people read it."""
        return f"{self.weekend[:10]}: centres {self.first}-{self.last} of {self.n_centres}"

    def plain(self) -> dict[str, Any]:
        """Return it as Airflow passes it on, with its title."""
        return asdict(self) | {"title": self.title}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return the shard that Airflow passed on."""
        return cls(plain["weekend"], int(plain["first"]), int(plain["last"]), int(plain["n_centres"]))


def folder_of(weekend: WeekendInputs) -> str:
    """Return the name of the folder of a weekend's inputs: other inputs, another name."""
    return folder_name(weekend_files(weekend))


def write_weekend(shared: SharedFolder, weekend: WeekendInputs) -> str:
    """Write a weekend's inputs into a folder of their own; return its name."""
    files = weekend_files(weekend)
    folder = shared / folder_name(files)
    for name in (*sorted(set(files) - {PLAN}), PLAN):  # the plan comes last: where it is, all is
        put_once(folder, name, files[name])
    return folder.name


def read_weekend(folder: SharedFolder, frames: Sequence[str] = FRAMES) -> WeekendInputs:
    """Return the inputs in a folder, or of their frames only some: the history of a large area is large.

    Raises NteError when they are not there or of another version.
    """
    _need(folder, PLAN, "the task `plan`")
    names = [PLAN, *(f"{name}.parquet" for name in frames)]
    return weekend_of({name: (folder / name).read_bytes() for name in names})


def fit_weekend(shared: SharedFolder, weekend: str, centres_per_shard: int) -> list[Shard]:
    """Fit what the whole area has in common, once, and return the shards of its centres."""
    folder = shared / weekend
    if FIT not in names_in(folder):
        put_once(folder, FIT, frame_bytes(fit_weekend_area(read_weekend(folder))))
    n_centres = _read_fit(folder)["centre_code"].n_unique()
    return [Shard(weekend, first, last, n_centres) for first, last in cut(n_centres, centres_per_shard)]


def forecast_shard(shared: SharedFolder, shard: Shard) -> int:
    """Write the bands of one shard beside the fit; return how many."""
    folder = shared / shard.weekend
    settings = read_weekend(folder, frames=()).settings
    bands = in_whole_counts(shard_of(_read_fit(folder), shard.first, shard.last), settings)
    put_once(folder, shard_file(shard.first, shard.last), frame_bytes(bands))
    return bands.height


def read_bands(shared: SharedFolder, weekend: str, shards: list[Shard]) -> pl.DataFrame:
    """Return all bands of a weekend. Raises NteError when one is missing: a weekend is issued whole or not at all."""
    folder = shared / weekend
    fit, there, frames = _read_fit(folder), names_in(folder), [pl.DataFrame(schema=BAND_SCHEMA)]
    for shard in (shard for shard in shards if shard.weekend == weekend):
        if (name := shard_file(shard.first, shard.last)) not in there:
            raise NteError(
                f"{shard.title}: their bands are missing, so nothing of this weekend was loaded. Clear the task "
                "`forecast` of these centres; `load` follows by itself."
            )
        frames.append(read_frame((folder / name).read_bytes()))
    bands = pl.concat(frames).sort("evening", "centre_code", "source")
    if bands.height != fit.height:
        raise NteError(
            f"{weekend}: the shards hold {bands.height} bands, the fit {fit.height}; nothing of this weekend was "
            "loaded. Clear the task `fit_area` of this weekend and what follows it."
        )
    return bands


def forget_before(shared: SharedFolder, first_kept: date) -> None:
    """Remove the files of weekends that began before a date."""
    for name in names_in(shared):
        if name < str(first_kept):
            remove_folder(shared / name)


def _read_fit(folder: SharedFolder) -> pl.DataFrame:
    _need(folder, FIT, "the task `fit_area`")
    return read_frame((folder / FIT).read_bytes())


def _need(folder: SharedFolder, name: str, made_by: str) -> None:
    if name not in names_in(folder):
        raise NteError(
            f"{folder}: {name} is not there. Is NTE_SHARED the same on every worker, and can this one read it? "
            f"Then clear {made_by}: it writes it again."
        )
