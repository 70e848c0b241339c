"""The figures of an area's `simulation.toml`, checked when they are read."""

import tomllib
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from simulator.figures import (
    Ae,
    DefaultSurge,
    Emas,
    Events,
    Figures,
    Places,
    Police,
    Published,
    Spread,
    Times,
    check_sum,
)

SIMULATION_FILE = "simulation.toml"


class Calibration(Figures):
    """All figures of one area."""

    published: Published
    places: Places
    times: Times
    events: Events
    spread: Spread
    surge: DefaultSurge
    police: Police
    emas: Emas
    ae: Ae

    @model_validator(mode="after")
    def _check_offences(self) -> Self:
        offences = self.police.offences
        check_sum("offences that sv-2021 counts", sum(o.counted(o.board) for o in offences), 1)
        alert_total = sum(o.counted(o.alert) for o in offences)
        check_sum("offences that nte-violence counts", alert_total, self.published.alert_measure_ratio)
        return self

    @property
    def alert_incidents_ratio(self) -> float:
        """Return how many police incidents the alert measure counts for each serious offence, about."""
        return self.published.alert_measure_ratio / self.police.crimes_an_occurrence


def load_calibration(area_folder: Path) -> Calibration:
    """Return the figures of an area folder. Raises ValueError naming file and key."""
    path = area_folder / SIMULATION_FILE
    try:
        return Calibration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as problem:
        raise ValueError(f"{path}: no such file. Copy the one of areas/derbyshire.") from problem
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"{path}: {problem}. Correct that line.") from problem
    except ValidationError as problem:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'whole file'}: {e['msg']}" for e in problem.errors()]
        raise ValueError(f"{path}: {'; '.join(lines)}. Correct these keys.") from problem
