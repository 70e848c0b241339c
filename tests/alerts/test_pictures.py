"""What a picture shows: as much as is known, in the colour of the verdict, and of a small count nothing but that."""

import io
import re
from datetime import date, timedelta

import polars as pl
import pytest
from PIL import Image

from alerts.nights.picture import picture_of, say_drawn
from alerts.words.wording import SourceWording
from nte.disclosure import policy_of
from nte.night_chart import INK, PAPER, SOFT, USUAL, VERDICT_INK, Drawn, as_png, as_svg, night_charts
from nte.picture_span import Chapter
from nte.words import Audience, Detector, Verdict
from tests.alerts.scenes import AREA, SATURDAY, morning
from tests.alerts.test_acted_on import ABOVE, FAR, WITHIN, alert, night, view, weekend

SLACK_DARK, SLACK_LIGHT = "#1a1d21", "#ffffff"
TEXT_CONTRAST, MARK_CONTRAST = 4.5, 3.0


def nights(*counts: int | None) -> pl.DataFrame:
    """Return Saturdays up to this one, with their counts."""
    last = len(counts) - 1
    rows = [
        (SATURDAY - timedelta(days=7 * (last - n)), 4.8, 0, 10, 12, count) for n, count in enumerate(counts)
    ]
    columns = ["evening", "expected", "lower", "upper", "alert_limit", "n_incidents"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def drawn(*chapters: Chapter, marked_from: date | None = None) -> Drawn:
    chart = night_charts(chapters, SATURDAY, "Derby city centre, Sat 28 Mar", marked_from=marked_from)
    assert chart is not None
    return chart


def texts(chart: Drawn) -> str:
    """Return what is written in a picture."""
    return " | ".join(re.findall(r">([^<>]+)</t(?:ext|span)>", as_svg(chart)))


@pytest.mark.parametrize(
    ("n_before", "said"),
    [(0, "Large dot: this night."), (1, "Dots: the weekend before; large"), (5, "Dots: 5 weekends before; large"),
     (12, "Dots: 12 weekends before; large"), (20, "Dots: 12 weekends before; large")],
)  # fmt: skip
def test_it_speaks_of_as_many_weekends_as_there_are(n_before: int, said: str) -> None:
    assert said in texts(drawn(Chapter(nights(*[4] * n_before, 14), "Police")))


def test_its_own_friday_is_among_the_dots_and_is_said_to_be() -> None:
    friday = nights(4, 14).with_columns(evening=pl.col("evening").dt.offset_by("-1d"))
    both = pl.concat([nights(4, 14), friday])
    assert "Dots: the weekend before and its own; large: this night." in texts(drawn(Chapter(both, "Police")))
    alone = pl.concat([nights(14), friday.filter(pl.col("evening") > SATURDAY - timedelta(days=2))])
    assert "Dots: its own weekend; large" in texts(drawn(Chapter(alone, "Police")))


def test_the_limit_stands_to_the_right_of_its_own_night_and_over_its_dot() -> None:
    """A limit that is named among the nights before reads as theirs; under the dot nobody sees it."""
    spec = drawn(Chapter(nights(*[4] * 12, 12), "Police", verdict=ABOVE)).to_dict()
    kinds = [layer["mark"] for layer in spec["layer"]]
    dot = max(n for n, mark in enumerate(kinds) if mark["type"] == "circle")
    line = max(n for n, mark in enumerate(kinds) if mark["type"] == "tick")
    assert line > dot, "the named limit is drawn over the dot"
    assert kinds[line]["size"] > 2 * (kinds[dot]["size"] / 3.14) ** 0.5, "and is wider than it"
    name = next(mark for mark in kinds if mark.get("lineBreak"))
    assert (name["align"], name["dx"] > kinds[line]["size"] / 2) == ("left", True)


def test_it_says_its_own_date_so_far_its_limit_and_what_the_marks_mean() -> None:
    written = texts(drawn(Chapter(nights(4, None, 14), "Police", verdict=ABOVE, is_so_far=True)))
    for said in (
        "14 so far",
        "alert | above 12",
        "28 Mar",
        "dash in it: usual",
        "Derby city centre, Sat 28 Mar, Police",
    ):
        assert said in written
    assert "?: not known." in written
    assert "so far" not in texts(drawn(Chapter(nights(4, 14), "Police")))


@pytest.mark.parametrize(("verdict", "other"), [(ABOVE, FAR), (FAR, ABOVE)])
def test_the_dot_has_the_colour_of_the_verdict(verdict: Verdict, other: Verdict) -> None:
    svg = as_svg(drawn(Chapter(nights(4, 14), "Police", verdict=verdict)))
    assert VERDICT_INK[verdict] in svg
    assert VERDICT_INK[other] not in svg


def test_of_a_small_count_no_dot_no_height_and_no_limit_is_drawn() -> None:
    charts = {as_svg(drawn(Chapter(nights(n, 9, 14), "Police", least_shown=5))) for n in range(5)}
    assert len(charts) == 1, "each hidden count makes the same picture"
    assert "0 to 4 (not shown)" in charts.pop()
    this = texts(drawn(Chapter(nights(9, 3), "Police", least_shown=5)))
    assert "above" not in this.partition("Dark line")[2].partition(".")[2]
    assert as_svg(drawn(Chapter(nights(9, 3), "Police"))).count("circle") > 0


def test_a_window_marks_its_nights_and_writes_nothing_beside_them() -> None:
    chart = drawn(Chapter(nights(4, 5, 9, 8), "Police"), marked_from=SATURDAY - timedelta(days=7))
    assert "null" not in texts(chart)
    assert "Dots: 2 weekends before; large: these nights" in texts(chart)


def wording(audience: Audience) -> SourceWording:
    return SourceWording(AREA, policy_of(AREA), audience)


def test_each_source_that_is_above_and_may_be_said_has_its_drawing() -> None:
    facts = alert(
        Detector.NIGHT, night(view("police", 14, ABOVE), view("emas", 5, ABOVE), view("ae", 19, FAR))
    )
    picture = picture_of(facts, morning(SATURDAY), wording(Audience.LICENSING))
    assert picture is not None
    assert {one.source: one.verdict for one in picture.sources} == {"police": ABOVE, "ae": FAR}
    chart = drawn(*(Chapter(nights(4, 14), AREA.source_title(one.source)) for one in picture.sources))
    assert "Derby city centre, Sat 28 Mar, A&amp;E" in texts(chart)
    assert texts(chart).count("dash in it: usual") == 1, "the marks are explained once"


def test_its_words_are_plain() -> None:
    facts = alert(Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 19, ABOVE)))
    picture = picture_of(facts, morning(SATURDAY), wording(Audience.POLICE))
    assert picture is not None
    said = say_drawn(picture, facts, wording(Audience.POLICE))
    assert said.startswith(
        "Chart of Police and A&E in Derby city centre, Saturday 28 March, beside the weekends before"
    )
    assert not set("*<>_") & set(said)
    assert "&amp;" not in said


def test_a_weekend_has_a_picture_of_what_may_be_added_up() -> None:
    facts = weekend((9, 5), (12, 9), (8, 6))
    picture = picture_of(facts, morning(SATURDAY), wording(Audience.POLICE))
    assert picture is not None
    assert [one.source for one in picture.sources] == ["police"]
    assert (picture.marked_from, picture.evening) == (facts.first_evening, facts.last_evening)
    assert (
        picture_of(weekend((3, 5), (12, 9), (8, 6)), morning(SATURDAY), wording(Audience.LICENSING)) is None
    )
    assert facts.nights[0].level is WITHIN


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_reads_the_same_in_a_light_and_in_a_dark_slack() -> None:
    picture = Image.open(io.BytesIO(as_png(drawn(Chapter(nights(4, 14), "Police", verdict=ABOVE))))).convert(
        "RGBA"
    )
    on_light, on_dark = (
        Image.alpha_composite(Image.new("RGBA", picture.size, colour), picture).tobytes()
        for colour in (SLACK_LIGHT, SLACK_DARK)
    )
    assert on_light == on_dark, "it stands on paper of its own"
    inks = (INK, SOFT, VERDICT_INK[ABOVE], VERDICT_INK[FAR])
    assert min(contrast(ink, PAPER) for ink in inks) >= TEXT_CONTRAST
    assert contrast(USUAL, PAPER) >= MARK_CONTRAST
