"""Every question of the query book with what counts it anew, or with what holds its answer otherwise."""

from tests.oracle_answers import months, nights, quarters, years
from tests.oracle_answers.counted import Answers, Counted
from tests.oracle_answers.issued import Issued, calibration
from tests.oracle_facts import Deliveries

ANSWERS: Answers = {**quarters.ANSWERS, **months.ANSWERS, **years.ANSWERS, **nights.ANSWERS}
OF_WHAT_WAS_ISSUED = {"calibration-of-bands": calibration}
HELD_OTHERWISE = {
    "change-since-intervention": "planted effects read back: bench.interventions, tests/forecasts",
}


def counted_anew(name: str, said: Deliveries, issued: Issued) -> Counted | None:
    """What a question is to answer; None of one that nobody can count anew."""
    if name in OF_WHAT_WAS_ISSUED:
        return OF_WHAT_WAS_ISSUED[name](said, issued)
    return ANSWERS[name](said) if name in ANSWERS else None
