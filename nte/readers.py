"""Who looks at a page, and what of the area that reader may know: the same as the channels of the same audience."""

from collections.abc import Sequence
from dataclasses import dataclass

from nte.area import Area, TownCentre
from nte.words import Audience

SEES_ALL = frozenset({"admin", "op", "user"})
"""Roles of Airflow whose users keep this service; the area file may say otherwise of each."""


@dataclass(frozen=True)
class Reader:
    """What somebody may know."""

    audience: Audience
    districts: frozenset[str] = frozenset()
    """Of a licensing lead; others see the whole area."""

    @property
    def sees_all(self) -> bool:
        """Say whether nothing is kept from this reader."""
        return self.audience is Audience.ANALYST

    def may_see(self, centre: TownCentre) -> bool:
        """Say whether a town centre concerns this reader."""
        return self.audience is not Audience.LICENSING or centre.district in self.districts

    def centres(self, area: Area) -> list[TownCentre]:
        """Return the town centres that concern this reader, in the area's order."""
        return [centre for centre in area.current_centres if self.may_see(centre)]

    def channels(self, area: Area) -> list[str]:
        """Return the channels whose messages this reader may read."""
        slack = area.slack
        if self.audience is Audience.POLICE:
            return [slack.police_channel]
        own = [
            name
            for district, name in slack.district_channels.items()
            if district in self.districts and name != slack.police_channel
        ]
        every = [slack.police_channel, *slack.district_channels.values(), slack.ops_channel]
        return list(dict.fromkeys(every if self.sees_all else own))


EVERYTHING = Reader(Audience.ANALYST)


def reader_of(area: Area, user: str, roles: Sequence[str]) -> Reader | None:
    """Return what a user of Airflow may know, by name, else by roles; None where nothing says it.

    Of several roles that are named the districts add up, and an audience that sees more wins: roles only ever grant.
    """
    names = [user] if user in area.readers else [role for role in roles if role in area.readers]
    if rules := [area.readers[name] for name in names]:
        widest = min((rule.audience for rule in rules), key=list(Audience).index)
        districts = {district for rule in rules for district in rule.districts}
        return Reader(widest, frozenset(districts if widest is Audience.LICENSING else ()))
    return EVERYTHING if SEES_ALL & {role.lower() for role in roles} else None
