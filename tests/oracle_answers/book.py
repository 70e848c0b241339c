"""Every question of the query book with what counts it anew."""

from tests.oracle_answers import months, nights, quarters, years
from tests.oracle_answers.counted import Answers, Counted
from tests.oracle_answers.issued import Issued, calibration, interventions
from tests.oracle_facts import Deliveries

ANSWERS: Answers = {**quarters.ANSWERS, **months.ANSWERS, **years.ANSWERS, **nights.ANSWERS}
OF_WHAT_WAS_ISSUED = {"calibration-of-bands": calibration, "change-since-intervention": interventions}
HELD_OTHERWISE = {
    "change-since-intervention": "planted effects read back by bench.interventions",
    "cost": "Garwood's interval, tests/reports/test_costs.py",
    "gbh-with-and-without-intent": "planted ratios, tests/reports/test_kpis.py",
    "quarterly-serious-violence-by-district": "planted ratios, tests/reports/test_kpis.py",
    "year-on-year-per-centre": "its formula stands in the query",
}
"""What the intervals of an answer are held against: nobody can count them."""


def counted_anew(name: str, said: Deliveries, issued: Issued) -> Counted:
    """What a question is to answer."""
    if name in OF_WHAT_WAS_ISSUED:
        return OF_WHAT_WAS_ISSUED[name](said, issued)
    return ANSWERS[name](said)
