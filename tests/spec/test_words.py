"""One word, one home: every word has a sentence and somebody who says it; every place says the same of a source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from nte import words
from nte.area_files import load_area
from nte.deliveries.inbox import AHEAD, NO_FEED
from nte.due import Deliveries, SourceState, next_action, state_of_night, state_of_source
from nte.english import say_days, say_rarity, say_span
from nte.settings import CHECKOUT
from nte.words import DeliveryVerdict, FeedState, WhyUnknown, Word
from tests.areas import DERBYSHIRE, NEW_YORK

AREA = load_area(DERBYSHIRE)
FRIDAY = date(2026, 3, 27)
SATURDAY, SUNDAY = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)
CODE = [
    path
    for room in ("alerts", "expectations", "forecasts", "reports", "transforms", "cli", "nte")
    for path in sorted((CHECKOUT / room).rglob("*.py"))
    if path.name != "words.py"
]


def vocabularies() -> Iterator[type[Word]]:
    for value in vars(words).values():
        if isinstance(value, type) and issubclass(value, Word) and value is not Word:
            yield value


def is_produced(vocabulary: type[Word], word: Word, code: str) -> bool:
    """Say whether some code names the word as a value; a feed's state is why its night is unknown."""
    names = [f"{vocabulary.__name__}.{word.name}"]
    if vocabulary is WhyUnknown and word.value in set(FeedState):
        names.append(f"FeedState.{word.name}")
    return any(re.search(rf"\b{re.escape(name)}\b", code) for name in names)


@pytest.mark.parametrize("vocabulary", list(vocabularies()), ids=lambda v: v.__name__)
def test_every_word_has_a_sentence_of_its_own_and_a_producer(vocabulary: type[Word]) -> None:
    code = "\n".join(path.read_text() for path in CODE)
    assert [w.name for w in vocabulary if not w.meaning] == []
    assert len({w.meaning for w in vocabulary}) == len(vocabulary)
    assert [w.name for w in vocabulary if not is_produced(vocabulary, w, code)] == []


def test_a_word_that_nobody_says_is_found() -> None:
    assert not is_produced(FeedState, FeedState.LATE, "state = FeedState.LATER")


@dataclass(frozen=True)
class Case:
    """A situation of the police on a Sunday morning, and what it is called."""

    state: FeedState
    rows: tuple[dict[str, Any], ...] = ()
    covered: tuple[date, ...] = ()
    strays: tuple[tuple[str, str], ...] = ()
    now: datetime = AREA.clock.morning_of(SUNDAY) + timedelta(hours=3)


def delivery(day: date, verdict: DeliveryVerdict, hours: int = 24) -> dict[str, Any]:
    """Return the police's delivery of a morning that accounts for so many hours before it."""
    at = AREA.clock.morning_of(day)
    return {
        "delivery_id": f"police_{day}#1", "source": "police", "known_at": at, "verdict": verdict, "summary": "why",
        "covers_from_at": at - timedelta(days=1), "covers_to_at": at - timedelta(days=1) + timedelta(hours=hours),
        "is_conformed": verdict not in (DeliveryVerdict.REJECTED, DeliveryVerdict.HELD), "named_at": at,
        "is_another_year": False, "is_contradicted": False,
    }  # fmt: skip


BEFORE = (FRIDAY - timedelta(days=1), FRIDAY)
CASES = [
    Case(FeedState.HERE, (delivery(SUNDAY, DeliveryVerdict.ACCEPTED),), (*BEFORE, SATURDAY)),
    Case(FeedState.LATE, covered=BEFORE),
    Case(FeedState.REFUSED, (delivery(SUNDAY, DeliveryVerdict.REJECTED),), BEFORE),
    Case(FeedState.HELD, (delivery(SUNDAY, DeliveryVerdict.HELD),), BEFORE),
    Case(FeedState.SHORT, (delivery(SUNDAY, DeliveryVerdict.ACCEPTED, 20),), BEFORE),
    Case(FeedState.MISNAMED, covered=BEFORE, strays=(("Police 29.csv", NO_FEED),)),
    Case(FeedState.WAITING, covered=BEFORE, strays=(("police_2062-04-11.csv", AHEAD),)),
    Case(FeedState.MISNAMED, covered=BEFORE, strays=(("police_2062-03-29.csv", AHEAD),)),
    Case(FeedState.SILENT, covered=(FRIDAY - timedelta(days=9),)),
    Case(FeedState.SILENT),
    Case(FeedState.NOT_DUE, covered=BEFORE, now=AREA.clock.morning_of(SUNDAY) - timedelta(hours=1)),
]


def come(case: Case) -> Deliveries:
    strays = tuple({"source": "police", "name": name, "why": why} for name, why in case.strays)
    return Deliveries(case.rows, frozenset(("police", evening) for evening in case.covered), strays)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.state))
def test_each_way_in_which_a_delivery_is_not_here_has_its_own_name(case: Case) -> None:
    assert state_of_night(AREA, "police", SATURDAY, come(case), case.now) is case.state
    state = state_of_source(AREA, "police", come(case), case.now)
    if case.state is FeedState.NOT_DUE:
        assert (state.state, state.missing) == (FeedState.NOT_DUE, ())
        return
    assert state.state is case.state
    assert (SATURDAY in state.missing) is (case.state is not FeedState.HERE)
    assert bool(state.refused) is (case.state is FeedState.REFUSED)
    assert state.file_name == (case.strays[0][0] if case.strays else "")


def test_what_is_not_here_has_a_next_action() -> None:
    for state in set(FeedState) - {FeedState.HERE, FeedState.NOT_DUE}:
        assert next_action(SourceState("police", state, file_name="x.csv"), AREA).endswith(".")
    assert next_action(SourceState("police", FeedState.HERE), AREA) == ""


def test_whoever_is_to_be_asked_is_named_as_the_area_file_has_it() -> None:
    for state in (FeedState.LATE, FeedState.REFUSED, FeedState.SHORT, FeedState.MISNAMED, FeedState.SILENT):
        said = next_action(SourceState("police", state, file_name="x.csv"), AREA)
        assert said.startswith("Ask the provider (crime data team, Derbyshire Constabulary)"), state
    assert AREA.ask("Tell the provider.", "emas") == "Tell the provider (information team, EMAS)."
    assert AREA.ask("Ask the provider.", "no source any more") == "Ask the provider."
    unnamed = AREA.sources["police"].model_copy(update={"contact": None})
    area = AREA.model_copy(update={"sources": {**AREA.sources, "police": unnamed}})
    assert area.ask("Ask the provider.", "police") == "Ask the provider."


def test_a_delivery_that_is_due_at_eight_is_not_late_at_seven() -> None:
    police = AREA.sources["police"].model_copy(update={"due_by": time(8)})
    area = AREA.model_copy(update={"sources": AREA.sources | {"police": police}})
    seven = AREA.clock.morning_of(SUNDAY) + timedelta(hours=1)
    nothing = Deliveries((), frozenset({("police", FRIDAY)}))
    assert state_of_night(area, "police", SATURDAY, nothing, seven) is FeedState.NOT_DUE
    assert state_of_night(area, "police", SATURDAY, nothing, seven + timedelta(hours=1)) is FeedState.LATE


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (1 / 120, "about one such night in 9 months"),
        (1 / 10, "about one such night in 3 weeks"),
        (1 / 400, "about one such night in 3 years"),
        (1e-8, "rarer than one such night in 10 years"),
    ],
)
def test_rarity_is_said_in_one_way(p_value: float, said: str) -> None:
    assert say_rarity(p_value, AREA) == said


def test_an_area_that_judges_every_night_has_more_of_them_a_year() -> None:
    area = load_area(DERBYSHIRE)
    hours = area.hours.model_copy(
        update={"monitored": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}
    )
    assert say_rarity(1 / 120, area.model_copy(update={"hours": hours})) == "about one such night in 4 months"


def test_days_and_spans_are_said_as_people_say_them() -> None:
    assert say_span(FRIDAY, SUNDAY) == "27 to 29 March"
    assert say_span(date(2026, 2, 27), date(2026, 3, 1)) == "27 February to 1 March"
    assert say_days([FRIDAY, SATURDAY]) == "Fri 27 Mar, Sat 28 Mar"
    assert say_days([FRIDAY + timedelta(days=n) for n in range(5)]) == "Fri 27 Mar to Tue 31 Mar (5 nights)"


@pytest.mark.parametrize("folder", [DERBYSHIRE, NEW_YORK], ids=lambda folder: folder.name)
def test_another_way_of_counting_has_another_fingerprint(folder: Path) -> None:
    for definition in load_area(folder).definitions:
        assert definition.fingerprint == definition.model_copy(update={"title": "other words"}).fingerprint
        other = definition.model_copy(update={"excludes_domestic": not definition.excludes_domestic})
        assert definition.fingerprint != other.fingerprint
