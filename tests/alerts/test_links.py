"""Where a message leads: the night or the weekend that it speaks of, and what to do."""

from datetime import date

import pytest

from alerts.deciding.facts import EVERYWHERE, AlertFacts
from alerts.words.links import Links
from nte.words import Detector, Verdict

FRIDAY, SUNDAY = date(2026, 3, 27), date(2026, 3, 29)
BASE = "http://nights.test/pages"


def about(detector: Detector, centre: str, first: date, last: date) -> AlertFacts:
    return AlertFacts(
        detector=detector,
        definition="nte-violence",
        centre_code=centre,
        first_evening=first,
        last_evening=last,
        level=Verdict.ABOVE,
        nights=(),
        is_settled=False,
        is_complete=False,
    )


@pytest.mark.parametrize(
    ("facts", "page"),
    [
        (about(Detector.NIGHT, "derby", FRIDAY, FRIDAY), "night/2026-03-27/derby"),
        (about(Detector.MANY_CENTRES, EVERYWHERE, FRIDAY, FRIDAY), "weekend/2026-03-27"),
        (about(Detector.WEEKEND, "derby", FRIDAY, SUNDAY), "weekend/2026-03-27#derby"),
        (about(Detector.FOUR_WEEKENDS, "derby", date(2026, 3, 6), SUNDAY), "weekend/2026-03-29#derby"),
        (about(Detector.NIGHT, "a b/c#d", FRIDAY, FRIDAY), "night/2026-03-27/a%20b%2Fc%23d"),
    ],
)
@pytest.mark.parametrize("base_url", [BASE, f"{BASE}/"])
def test_an_alert_leads_to_its_night_or_weekend_and_to_what_leads_need_to_know(
    facts: AlertFacts, page: str, base_url: str
) -> None:
    links = Links(base_url).about(facts)
    assert [link.address for link in links] == [f"{BASE}/{page}", f"{BASE}/for-leads"]
    assert len({link.name for link in links}) == 2


def test_without_an_address_there_are_no_links() -> None:
    links = Links()
    facts = about(Detector.NIGHT, "derby", FRIDAY, FRIDAY)
    assert [*links.about(facts), *links.runbook("alert"), *links.delivery("x")] == []
