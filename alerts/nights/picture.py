"""Which nights a message shows as a picture, the picture itself, and the same in words."""

from datetime import datetime

import polars as pl

from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.nights.totals import totals_of
from alerts.words.picture import Drawn, Picture
from alerts.words.wording import SourceWording, say_when_within
from nte.area import Area
from nte.detectors import window_of
from nte.english import listed, say_short_day, say_span
from nte.picture_span import Chapter


def picture_of(facts: AlertFacts, as_of: datetime, wording: SourceWording) -> Picture | None:
    """Return what to draw: each source that is above and may be shown, or None when none may.

    Of a window the sources whose every night may be shown and that are more than usual; of many town centres the
    gravest night.
    """
    if window_of(facts.detector) is not None:
        return _of_window(facts, as_of, wording)
    nights = sorted(facts.nights, key=lambda n: n.gravity)
    return next((found for night in nights if (found := _of_night(night, as_of, wording))), None)


def _of_night(night: NightFacts, as_of: datetime, wording: SourceWording) -> Picture | None:
    shown = [
        _drawn(view, wording)
        for view in night.above
        if view.n_incidents is not None
        and wording.policy.is_shown(view.source, view.n_incidents, wording.audience)
    ]
    return Picture(night.centre_code, tuple(shown), night.evening, as_of, night.evening) if shown else None


def _of_window(facts: AlertFacts, as_of: datetime, wording: SourceWording) -> Picture | None:
    totals = totals_of(facts, list(wording.area.sources), wording)
    risen = [t.source for t in totals if t.may_be_said and t.n_incidents > t.expected]
    shown = [
        Drawn(source, wording.policy.least_shown(source, wording.audience), facts.level, is_so_far=False)
        for source in risen
    ]
    if not shown:
        return None
    return Picture(facts.centre_code, tuple(shown), facts.last_evening, as_of, facts.first_evening)


def _drawn(view: SourceFacts, wording: SourceWording) -> Drawn:
    least = wording.policy.least_shown(view.source, wording.audience)
    return Drawn(view.source, least, view.verdict, is_so_far=not wording.is_complete(view))


def say_drawn(picture: Picture, facts: AlertFacts, wording: SourceWording) -> str:
    """Return in plain words what a picture shows, for those who do not see it."""
    place = wording.area.centre_name(picture.centre_code)
    titles = listed([wording.title(one.source) for one in picture.sources])
    about = f"{place}, {say_when_within(facts)}"
    what = f"Chart of {titles} in {about}, beside the weekends before it and what was to be expected."
    night = next((n for n in facts.nights if n.evening == picture.evening), None)
    if window_of(facts.detector) is not None or night is None:
        return what
    said = [
        wording.sentence(v, n.evening)
        for n in facts.nights
        for v in n.above
        if n.centre_code == picture.centre_code and v.source in {d.source for d in picture.sources}
    ]
    return " ".join([what, *said])


def draw(picture: Picture, nights: pl.DataFrame, area: Area) -> bytes | None:
    """Return a PNG of a picture's nights, each source below the other, or None without a band to draw."""
    from nte.night_chart import as_png, night_charts  # takes a while to import

    chapters = [
        Chapter(
            nights.filter(source=one.source),
            area.source_title(one.source),
            one.least_shown,
            one.verdict,
            one.is_so_far,
        )
        for one in picture.sources
    ]
    heading = f"{area.centre_name(picture.centre_code)}, {_say_nights(picture)}"
    chart = night_charts(chapters, picture.evening, heading, marked_from=picture.marked_from)
    return as_png(chart) if chart else None


def _say_nights(picture: Picture) -> str:
    if picture.marked_from == picture.evening:
        return say_short_day(picture.evening)
    return say_span(picture.marked_from, picture.evening)
