"""What may be said and shown to whom: small counts become words, and no sum or change gives one away."""

from dataclasses import dataclass

from nte.area import Area
from nte.words import Audience

LEAST_LEFT = 3
"""An alert may be told beside a hidden count only where that leaves it so many values."""


@dataclass(frozen=True)
class DisclosurePolicy:
    """The least count of each kind of source that is said as a number, by audience."""

    health_sources: frozenset[str]
    health_least_shown: int
    licensing_least_shown: int

    def least_shown(self, source: str, audience: Audience) -> int:
        """Return the smallest count that is said exactly. Ops never need a count."""
        if audience is Audience.ANALYST:
            return 0
        if source in self.health_sources:
            return self.health_least_shown
        return 0 if audience is Audience.POLICE else self.licensing_least_shown

    def is_shown(self, source: str, n_incidents: int, audience: Audience) -> bool:
        """Say whether a count may be said exactly."""
        return n_incidents >= self.least_shown(source, audience)

    def say_count(self, source: str, n_incidents: int, audience: Audience) -> str:
        """Return a count as it may be said: exact, or 'fewer than 8'."""
        if self.is_shown(source, n_incidents, audience):
            return str(n_incidents)
        return f"fewer than {self.least_shown(source, audience)}"

    def say_change(self, source: str, before: int, now: int, audience: Audience) -> str | None:
        """Return a change as it may be said ('9 → 11'), or None when saying it would give a small count away.

        A difference is said only when both counts are: 'two more' beside '9' would tell a hidden 7.
        """
        if not (self.is_shown(source, before, audience) and self.is_shown(source, now, audience)):
            return None
        return f"{before} → {now}"

    def may_say_limit(self, source: str, n_incidents: int, audience: Audience) -> bool:
        """Say whether limit and rarity may stand beside the count: 'above 6' and 'fewer than 8' is a 7."""
        return self.is_shown(source, n_incidents, audience)

    def may_name_limit(self, source: str, alert_limit: int | None, audience: Audience) -> bool:
        """Say whether a limit may be named at all: one among the hidden counts would tell on which side of it they lie.

        It would also where it was named beside an earlier count of the same night that may be said. Where none is named
        it may be as high as the greatest hidden count, so that "no longer above" leaves that all its values.
        """
        return alert_limit is None or alert_limit >= self.least_shown(source, audience)

    def may_alert_on_hidden(self, source: str, area: Area, audience: Audience) -> bool:
        """Say whether these readers may be told that a count which they may not know is above."""
        least = area.alerts.least_count.get(source, 0)
        return self.least_shown(source, audience) - least >= LEAST_LEFT

    def hears_all(self, area: Area, audience: Audience) -> bool:
        """Say whether these readers are told of every alert: an all-clear is one only for them."""
        return all(
            not self.least_shown(source, audience) or self.may_alert_on_hidden(source, area, audience)
            for source in area.sources
        )


def policy_of(area: Area) -> DisclosurePolicy:
    """Return the area's policy."""
    rules = area.disclosure
    return DisclosurePolicy(
        frozenset(rules.health_sources), rules.health_least_shown, rules.licensing_least_shown
    )


def least_shown_of(area: Area, audience: Audience) -> dict[str, int]:
    """Return by source the smallest count that these readers are told exactly."""
    policy = policy_of(area)
    return {source: policy.least_shown(source, audience) for source in area.sources}


def audience_of(area: Area, channel: str) -> Audience:
    """Return who reads a channel; an unknown one is treated as licensing, the strictest."""
    if channel == area.slack.police_channel:
        return Audience.POLICE
    return Audience.OPS if channel == area.slack.ops_channel else Audience.LICENSING
