"""Where a message leads: pages of this service; nothing where no address is set."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from alerts.deciding.facts import EVERYWHERE, AlertFacts
from alerts.words.message import Link
from nte.detectors import window_of
from nte.words import Detector


@dataclass(frozen=True)
class Links:
    """The pages under one address; `base_url` is empty where they are not served."""

    base_url: str = ""

    def about(self, facts: AlertFacts) -> list[Link]:
        """Return the links of an alert: its night or weekend, and what it is and what to do about it."""
        if not self.base_url:
            return []
        is_one_night = facts.first_evening == facts.last_evening
        label = "The night's page" if is_one_night else "The weekend's page"
        return [
            Link(name="open_night", title=label, address=self._page(facts)),
            *self._button("What to do", "for-leads", "open_guide"),
        ]

    def weekend(self, evening: date) -> list[Link]:
        """Return the link to the page of an evening's weekend."""
        return self._button("The weekend's page", f"weekend/{evening}", "open_weekend")

    def runbook(self, anchor: str) -> list[Link]:
        """Return the link to a chapter of the runbook."""
        return self._button("What to do", f"runbook#{anchor}", "open_runbook")

    def delivery(self, delivery_id: str) -> list[Link]:
        """Return the link to a delivery's page."""
        return self._button("The delivery", f"delivery/{quote(delivery_id, safe='')}", "open_delivery")

    def _page(self, facts: AlertFacts) -> str:
        if facts.detector is Detector.NIGHT:
            return self._url(f"night/{facts.first_evening}/{quote(facts.centre_code, safe='')}")
        # Of several weekends the last is the one that people can still do something about.
        window = window_of(facts.detector)
        evening = facts.last_evening if window and window.n_weekends > 1 else facts.first_evening
        where = "" if facts.centre_code == EVERYWHERE else f"#{quote(facts.centre_code, safe='')}"
        return self._url(f"weekend/{evening}{where}")

    def _button(self, label: str, page: str, name: str) -> list[Link]:
        return [Link(name=name, title=label, address=self._url(page))] if self.base_url else []

    def _url(self, page: str) -> str:
        return f"{self.base_url.rstrip('/')}/{page}"
