"""Which night a message shows as a picture, and the picture itself."""

from datetime import datetime

import polars as pl

from alerts.deciding.facts import AlertFacts
from alerts.words.picture import Picture
from nte.disclosure import DisclosurePolicy
from nte.words import Audience, Detector


def picture_of(
    facts: AlertFacts, as_of: datetime, policy: DisclosurePolicy, audience: Audience
) -> Picture | None:
    """Return what to draw: the rarest count that may be shown, or None when none may."""
    if facts.detector is not Detector.NIGHT:
        return None
    night = facts.nights[0]
    for view in night.above:
        if view.n_incidents is not None and policy.is_shown(view.source, view.n_incidents, audience):
            least = policy.least_shown(view.source, audience)
            return Picture(night.centre_code, view.source, night.evening, as_of, least)
    return None


def draw(picture: Picture, nights: pl.DataFrame, title: str) -> bytes | None:
    """Return a PNG of a picture's nights, or None without a band to draw."""
    from nte.night_chart import as_png, night_chart  # takes a while to import

    chart = night_chart(nights, picture.evening, title, least_shown=picture.least_shown)
    return as_png(chart) if chart else None
