"""One thing that the supervisor watches: how it was found, since when, and what ops must hear of it."""

from dataclasses import dataclass
from datetime import datetime

from cli.airflow.health import Answer
from nte.service import Part
from nte.words import PartState

MANY_FALLS, AGAIN = 3, ", again and again"


@dataclass(frozen=True)
class Patience:
    """Seconds that the supervisor waits."""

    check: float = 5.0
    """Between two looks."""
    silent: float = 90.0
    """Without an answer before a part counts as hung; Airflow itself waits 30 to 60 s before it calls one unhealthy."""
    start: float = 240.0
    """For the first answer after a start, on a machine that is busy."""
    steady: float = 60.0
    """With answers before a part counts as mended."""
    longest_wait: float = 60.0
    """Between two starts of a part that keeps ending: 1, 2, 4, … up to this."""
    give_up: float = 900.0
    """Without a part that must be there; then the service manager is to begin anew."""
    tell_again: float = 20.0
    """Between two tries to reach Slack."""
    stop: float = 15.0
    """For parts to end by themselves."""


class Watched:
    """What is known of one part. Times are those of a clock that only goes forward, but for those that people read."""

    def __init__(self, name: str, clock: float, now: datetime, *, is_process: bool = True) -> None:
        self.name, self.is_process = name, is_process
        self.state, self.what = PartState.STARTING, ""
        self.since = now
        self.troubles: dict[str, str] = {}
        """What ops must hear, by what it is called there; nothing when all is well."""
        self.told: set[str] = set()
        self.n_falls = 0
        """Ends in a row, without a steady time between them."""
        self.fell_at: float | None = None
        """When the first of them was."""
        self.session: int | None = None
        self._asked_from = clock
        self._born_at = now
        self._good_since: float | None = None
        self._is_known = not is_process
        """It has answered since it was born."""

    def born(self, session: int, clock: float, now: datetime) -> None:
        """Note that it was started."""
        self.session, self._born_at = session, now
        self._asked_from, self._good_since, self._is_known = clock, None, False

    def found(self, answer: Answer | None, clock: float, now: datetime) -> bool:
        """Note what it was found to be; return True when it answers for the first time since its start."""
        if answer is None:  # it cannot be asked now: its silence is counted from the next time on
            self._asked_from = clock
            return False
        if answer.is_good and (answer.beat_at is None or answer.beat_at >= self._born_at):
            self._asked_from = clock
            is_first, self._is_known = not self._is_known, True
            if self._good_since is None:
                self._good_since = clock
            self._turn(PartState.UP, "", now)
            return is_first
        self._good_since = None
        if self._is_known:
            self._turn(PartState.SILENT if self.is_process else PartState.WRONG, answer.what, now)
        return False

    def is_hung(self, clock: float, patience: Patience) -> bool:
        """Say whether it has been silent for too long."""
        limit = patience.silent if self._is_known else patience.start
        return clock - self._asked_from > limit

    def fell(self, what: str, clock: float, now: datetime) -> None:
        """Note that it ended."""
        self.n_falls += 1
        self.fell_at = clock if self.fell_at is None else self.fell_at
        self.session, self._good_since, self._is_known = None, None, False
        self._turn(PartState.DOWN, what, now)
        self.troubles.setdefault(self.name, what)
        if (
            self.n_falls == MANY_FALLS
        ):  # the first end was told; why it ends again and again may be something else
            self.troubles[f"{self.name}{AGAIN}"] = f"It has ended {MANY_FALLS} times in a row. {what}"

    @property
    def to_tell(self) -> dict[str, str]:
        """What ops have not been told yet."""
        return {called: what for called, what in self.troubles.items() if called not in self.told}

    def forget_troubles(self) -> list[str]:
        """Forget what was wrong; return what it was called."""
        called = [self.name, f"{self.name}{AGAIN}"]
        self.troubles, self.told = {}, set()
        return called

    def settle(self, clock: float, patience: Patience) -> bool:
        """Forget its ends once it has answered for long enough; return whether it has."""
        if self._good_since is None or clock - self._good_since < patience.steady:
            return False
        self.n_falls, self.fell_at = 0, None
        return True

    def wait_seconds(self, patience: Patience) -> float:
        """Return how long to wait before the next start."""
        return float(min(patience.longest_wait, 2.0 ** (self.n_falls - 1)))

    def is_given_up(self, clock: float, patience: Patience) -> bool:
        """Say whether it has not run for so long that starting it again is no help."""
        return self.fell_at is not None and clock - self.fell_at > patience.give_up

    @property
    def seen(self) -> Part:
        """Return what the pages and the terminal show of it."""
        return Part(self.name, self.state, self.since, self.what, self.session)

    def _turn(self, state: PartState, what: str, now: datetime) -> None:
        if state != self.state:
            self.since = now
        self.state, self.what = state, what
