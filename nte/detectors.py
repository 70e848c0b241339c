"""The detectors, as a table: what each looks at, when, and what it says. The rooms read it and know no more."""

from dataclasses import dataclass
from typing import Final

from nte.words import Detector


@dataclass(frozen=True)
class WindowDetector:
    """A detector that sums the nights of whole weekends, over all sources of a town centre."""

    detector: Detector
    n_weekends: int
    """How many weekends in a row it sums."""
    rise: float
    """The rise that it looks for: how many times the usual, all window long."""
    usual_share: float
    """Its part of the budget where no area says otherwise; all parts are made to add up to 1."""
    title: str
    """Its window, with `{span}` for the days."""
    says: str
    """What it has seen."""
    spoken_for_by: tuple[Detector, ...]
    """Detectors whose standing alert, about some of the same nights, says it too."""
    is_said_by_latest: bool = False
    """Whether any standing alert of the same centre that reaches its last weekend says it too."""

    @property
    def lists_nights(self) -> bool:
        """Say whether its message has a line for each night; of a longer window a line for each source is enough."""
        return self.n_weekends == 1


WINDOWS: Final = (
    WindowDetector(
        Detector.WEEKEND,
        n_weekends=1,
        rise=2.0,
        usual_share=0.25,
        title="The weekend of {span}",
        says="more violence than expected over the weekend as a whole",
        spoken_for_by=(Detector.NIGHT, Detector.MANY_CENTRES),
    ),
    WindowDetector(
        Detector.FOUR_WEEKENDS,
        n_weekends=4,
        rise=1.5,
        usual_share=0.15,
        title="Four weekends, {span}",
        says="more violence than expected, weekend after weekend",
        spoken_for_by=(Detector.FOUR_WEEKENDS,),
        is_said_by_latest=True,
    ),
)
NIGHT_IS_SPOKEN_FOR_BY: Final = (Detector.MANY_CENTRES, Detector.WEEKEND)
NIGHT_SHARE: Final = 0.6
"""Most of the budget goes to the detector that answers first."""
WITH_A_BUDGET: Final = (Detector.NIGHT, *(window.detector for window in WINDOWS))
"""The detectors that share the budget of false alarms; many centres at once only bundle what these have seen."""
LONGEST_WEEKENDS: Final = max(window.n_weekends for window in WINDOWS)


def usual_shares() -> dict[str, float]:
    """Return the part of the budget of each detector where no area says otherwise."""
    parts = {str(Detector.NIGHT): NIGHT_SHARE} | {str(w.detector): w.usual_share for w in WINDOWS}
    return {detector: part / sum(parts.values()) for detector, part in parts.items()}


def window_of(detector: str) -> WindowDetector | None:
    """Return the window that a detector looks at; None for one that looks at nights."""
    return next((window for window in WINDOWS if window.detector == detector), None)
