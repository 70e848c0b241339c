"""The partners' pages: what they say, what they do not, and that they fetch nothing."""

import csv
import re
from datetime import date
from functools import cache
from html import unescape
from itertools import combinations
from math import hypot
from typing import Any

import polars as pl
import pytest

from nte.tables.partners import PARTNER_CENTRE_YEAR, PARTNER_QUARTER
from nte.tables.slices import ISTV_SCORECARD, MONTH_COVERAGE
from reports.partners.alerts import alerts_by_month
from reports.partners.beside import completeness, hospital_scores
from reports.partners.cells import OUTSIDE, WHOLE_AREA, Atom, Cell, Status
from reports.partners.editions import Edition, next_edition
from reports.partners.plan import plan
from reports.partners.rows import Notes, atom_rows, edition_of, edition_rows
from reports.partners.saying import say_number, say_quarter, slug_of
from reports.partners.site import Series, pages
from reports.partners.trend import Point, drawing, with_usual
from tests.reports.partner_pages import AREA, LEAST, QUARTERS, facts, quarters, years


@cache
def site() -> dict[str, str]:
    return pages(facts())


def words(page: str) -> str:
    """Return a page as people read it."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_there_is_a_page_for_the_area_each_district_and_the_figures_themselves() -> None:
    named = {name for name in site() if name.endswith(".html")}
    assert named == {"index.html", "about.html", *(f"{slug_of(d)}.html" for d in AREA.districts)}


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_fetched() -> None:
    for name, page in site().items():
        if name.endswith(".html"):
            links = re.findall(r'(?:href|src)="([^"]*)"', page)
            assert {link for link in links if not link.startswith("#")} <= set(site()), name
            assert "http" not in page.replace("http-equiv", ""), name
            assert "default-src 'none'" in unescape(page)


def test_a_district_reads_its_latest_quarter_beside_the_year_before_and_what_is_usual() -> None:
    said = words(site()["derby.html"])
    assert "The latest quarter: January to March 2026" in said
    assert "Violence at night, recorded by the police Whole district 80 40 39 to 71 higher than usual" in said
    assert "Here it reaches about 30 % to either side" in said
    assert "March 2025 1" in said
    assert "No hospital that serves Derby sends us figures." in said  # of the two, one has figures here
    assert "Chesterfield Royal Hospital" in words(site()["chesterfield.html"])


def test_a_quarter_that_is_held_against_another_way_of_recording_says_so() -> None:
    points, note = [Point(q, f"{n}", n) for n, q in enumerate(QUARTERS, start=10)], "of what"
    meanwhile = Series("", "", points, note, "", ["2025Q1"])
    assert meanwhile.verdict == "not compared, but recorded differently meanwhile"
    assert Series("", "", points, note, "", ["2024Q4"]).verdict == "not compared"


def test_what_is_hidden_is_said_in_words_on_the_page_and_is_empty_in_the_download() -> None:
    said = words(site()["bolsover.html"])
    assert "fewer than 5 fewer than 5 not compared not compared" in said
    assert "No quarter has a number that is shown." in said
    assert "March 2025 not shown" in said
    [*rows] = csv.DictReader(site()["data/bolsover-quarters.csv"].splitlines())
    assert {(row["shown"], row["status"]) for row in rows} == {("", "small")}
    assert {
        row["district"] for row in csv.DictReader(site()["data/erewash-centres-by-year.csv"].splitlines())
    } == {"Erewash"}
    assert len(site()["data/derbyshire-quarters.csv"].splitlines()) == 1 + len(quarters())


def test_a_quarter_is_usual_within_what_chance_would_move_the_mean_of_the_four_before() -> None:
    points = with_usual(
        [Point(q, f"{n}", n) for q, n in zip(QUARTERS, (100, 100, 100, 100, 130), strict=True)]
    )
    assert [point.verdict for point in points] == ["not compared"] * 4 + ["higher than usual"]
    assert points[-1].usual == "78 to 122"  # 100 ± 1.96 × √(100 × 5/4)
    restless = with_usual(
        [Point(q, f"{n}", n) for q, n in zip(QUARTERS, (60, 140, 60, 140, 130), strict=True)]
    )
    assert restless[-1].verdict == "within the usual range"
    hidden = [Point(q, "", n) for q, n in zip(QUARTERS, (100, None, 100, 100, 130), strict=True)]
    assert with_usual(hidden)[-1].usual == "not compared"


def test_a_drawing_marks_a_changed_recording_and_is_none_without_a_number() -> None:
    points = [Point(q, f"{n}", n) for n, q in enumerate(QUARTERS, start=1)]
    assert "stroke-dasharray" in drawing(points, ["2025Q3"])
    assert "stroke-dasharray" not in drawing(points)
    assert drawing([Point(q, "not known", None) for q in QUARTERS]) == ""
    assert "<svg" in drawing([Point(q, "0", 0) for q in QUARTERS])


def test_all_that_is_drawn_lies_within_the_numbers_of_its_axis_and_each_quarter_has_a_name() -> None:
    points = with_usual(
        [Point(q, f"{n}", n) for q, n in zip(QUARTERS, (290, 400, 260, 390, 380), strict=True)]
    )
    labels = re.findall(r"<t(?:ext|span)[^>]*>([^<]+)", drawing(points))
    numbers = [int(label.replace(",", "")) for label in labels if re.fullmatch(r"[\d,]+", label)]
    assert max(n for n in numbers if n not in {2025, 2026}) >= (points[-1].upper or 0) > 400
    assert [label for label in labels if label.startswith("Q")] == ["Q1", "Q2", "Q3", "Q4", "Q1"]


def of_health() -> list[dict[str, Any]]:
    """Return quarters of A&E and the ambulance service, as they are where A&E serves nobody in High Peak."""
    none = {"shown": None, "status": "not_known", "note": "not known: no deliveries account for it"}
    rows = [
        row | {"source": source, "note": "town centres only"}
        for row in quarters()
        for source in ("ae", "emas")
    ]
    return [row | none if (row["source"], row["district"]) == ("ae", "High Peak") else row for row in rows]


def test_a_number_of_town_centres_alone_stands_apart_from_those_of_the_whole_district_and_says_so() -> None:
    said = words(pages(facts(quarters=[*quarters(), *of_health()]))["derby.html"])
    assert re.search(
        r"recorded by the police Whole district 80 .* ambulance service Town centres only 80 ", said
    )
    assert "whole district and of its town centres only are not alike" in said
    assert "are not alike" not in words(site()["derby.html"])


def test_a_source_that_serves_nobody_in_a_district_is_neither_counted_nor_complete_there() -> None:
    complete = [{"source": "ae", "title": "A&E", "span": "2025", "covered_share": 1.0}]
    made = pages(facts(quarters=[*quarters(), *of_health()], complete=complete))
    high_peak, derby = words(made["high-peak.html"]), words(made["derby.html"])
    assert "No hospital that serves High Peak sends figures." in high_peak
    assert "What the police and the ambulance service saw" in high_peak
    assert "treated in hospital" not in high_peak
    assert ("A&amp;E" in high_peak, "A&amp;E" in derby) == (False, True)
    assert "The hospitals that serve Derby sent no record" in derby


def test_only_what_was_recorded_otherwise_in_the_quarters_shown_is_told_and_no_note_for_the_analyst() -> None:
    change = AREA.recording_changes[0]
    known = {"offence_group": None, "expected_effect": "It rises"}
    changes = (
        change.model_copy(update=known | {"citation": "To be confirmed by the analyst before use: ask them"}),
        change.model_copy(update=known | {"first_day": date(2024, 12, 31), "citation": "of a year before"}),
    )
    said = words(pages(facts(area=AREA.model_copy(update={"recording_changes": changes})))["derby.html"])
    assert "1 March 2025, Police, all incidents: It rises. The effect has not been confirmed yet." in said
    assert ("analyst" in said, "of a year before" in said) == (False, False)
    assert not any("analyst" in one.citation for one in AREA.recording_changes)


def test_every_file_of_simulated_deliveries_says_so_and_of_real_ones_none_does() -> None:
    assert not any("simulated" in f"{name} {text}".lower() for name, text in words_of(site()).items())
    for name, text in words_of(pages(facts(is_simulated=True))).items():
        start = text[:400] if name.endswith(".csv") else text
        assert "Simulated figures, made to show how this service works." in start, name
        assert name.endswith(".html") or name.startswith("data/simulated-")


def words_of(made: dict[str, str]) -> dict[str, str]:
    return {name: words(text) if name.endswith(".html") else text for name, text in made.items()}


def test_alerts_are_told_only_as_far_as_shown_numbers_of_one_centre_can_be_their_reason() -> None:
    """A centre of 120 in the year, in a district of 40 to 70 a quarter, has room for three alerts from January on."""
    counted = {"chesterfield": 1, "derby": 4, "bolsover": 2, "glossop": 1}
    alerts = [
        {"centre_code": code, "month": date(2025, 2, 1)} for code, n in counted.items() for _ in range(n)
    ]
    small = {"shown": None, "status": "small", "note": "fewer than 5"}
    rows = [
        row | small if row["district"] == "High Peak" and row["place_code"] != OUTSIDE else row
        for row in years()
    ]
    found = alerts_by_month(alerts, quarters(), rows, AREA, date(2025, 1, 15))
    assert list(found) == [f"2025-{n:02d}" for n in range(2, 13)]  # of January not every night was judged
    february = {district: said and str(said) for district, said in found["2025-02"].items()}
    assert (february["Chesterfield"], february["Amber Valley"], february["Derby"]) == ("1", "0", "3 or more")
    assert (february["Bolsover"], february["High Peak"]) == (None, None)
    assert february[WHOLE_AREA] == "4 or more"
    assert (found["2025-03"]["Derby"], str(found["2025-04"]["Derby"])) == (None, "0")


def test_alerts_are_told_of_whole_years_alone() -> None:
    assert alerts_by_month([], quarters(), [], AREA, date(2025, 1, 1)) == {}
    assert alerts_by_month([], quarters(), years(), AREA, None) == {}


def test_shares_of_hospitals_are_rounded_and_those_of_few_are_not_told() -> None:
    row: dict[str, Any] = dict.fromkeys(ISTV_SCORECARD.names, 0.93) | {
        "source": "ae",
        "month": date(2025, 11, 1),
    }
    rows = [
        row | {"site_code": site, "n_attendances": n, "n_silent_nights": 0}
        for site, n in (("RTG", 50), ("RFS", 49))
    ]
    found = hospital_scores(pl.DataFrame(rows, ISTV_SCORECARD.schema), QUARTERS)
    assert [(r["site_code"], r["time_stated_share"]) for r in found] == [("RFS", None), ("RTG", 0.95)]


def test_completeness_is_of_the_days_of_the_quarters_that_were_given() -> None:
    rows = [
        {"month": month, "source": "police", "time_class": "day", "n_nights": 31, "n_nights_covered": n}
        for month, n in ((date(2025, 1, 1), 31), (date(2025, 3, 1), 0), (date(2024, 12, 1), 0))
    ]
    [found] = completeness(pl.DataFrame(rows, MONTH_COVERAGE.schema), quarters(), AREA)
    assert found == {
        "source": "police",
        "title": "Police",
        "span": "January to March 2025 to January to March 2026",
        "covered_share": 0.5,
    }


def test_the_map_is_to_scale_and_no_two_numbers_touch() -> None:
    counts = {"derby": 400, "chesterfield": 100, "bolsover": None}
    drawn = plan(AREA, counts, {"derby"})
    dots = {dot.name: dot for dot in drawn.dots}
    assert dots["Derby city centre"].radius == 2 * dots["Chesterfield"].radius
    assert dots["Glossop"].y < dots["Swadlincote"].y
    assert (dots["Bolsover"].is_shown, dots["Derby city centre"].is_own) == (False, True)
    assert [dot.number for dot in drawn.dots] == list(range(1, 1 + len(AREA.current_centres)))
    for one, other in combinations(drawn.dots, 2):
        is_apart = abs(one.label_x - other.label_x) >= 8 or abs(one.label_y - other.label_y) >= 14
        assert is_apart, (one.name, other.name)
    for dot in drawn.dots:
        nearest = min(drawn.dots, key=lambda d: hypot(d.x - dot.label_x, d.y - dot.label_y) - d.radius)
        assert nearest == dot
    assert drawn.bar == pytest.approx(
        drawn.bar_km * (dots["Swadlincote"].y - dots["Glossop"].y) / 75, rel=0.05
    )


@pytest.mark.parametrize(
    ("cell", "status", "note"),
    [
        (Cell("2025Q1", "Derby", "", "police", "serious_violence"), Status.SMALL, "fewer than 5; robbery of business property: recorded differently from 1 March 2025"),
        (Cell("2025Q1", "Derby", "", "police", "nights"), Status.SHOWN, ""),  # no robbery of a business is in it
        (Cell("2024Q1", "High Peak", "", "emas", "nights"), Status.SHOWN, "town centres only; without Glossop, of which nothing is sent; all incidents: recorded differently from 1 March 2024"),
        (Cell("2025Q1", "High Peak", "", "ae", "nights"), Status.NOT_KNOWN, "not known: no deliveries account for it"),
    ],
)  # fmt: skip
def test_a_number_says_what_must_be_said_with_it(cell: Cell, status: Status, note: str) -> None:
    assert Notes(AREA, LEAST).of(cell, status) == note


def test_a_year_in_which_a_town_centre_changed_says_so_and_so_does_what_lies_outside() -> None:
    glossop = next(c for c in AREA.town_centres if c.centre_code == "glossop")
    versions = [
        glossop.model_copy(update={"name": "Old Glossop", "valid_to": date(2025, 5, 31)}),
        glossop.model_copy(
            update={
                "valid_from": date(2025, 6, 1),
                "valid_to": date(2026, 3, 31),
                "boundary": glossop.boundary[:-1],
            }
        ),
    ]
    others = [c for c in AREA.town_centres if c.centre_code != "glossop"]
    notes = Notes(AREA.model_copy(update={"town_centres": (*others, *versions)}), LEAST)
    cell = Cell("2025", "High Peak", "glossop", "police", "nights")
    redrawn = "its boundary was drawn anew on 1 June 2025"
    assert notes.of(cell, Status.SHOWN) == f"{redrawn}; called Old Glossop until 31 May 2025"
    assert notes.of(cell._replace(period="2026"), Status.SHOWN) == "a town centre until 31 March 2026"
    assert f"Glossop: {redrawn}" in notes.of(cell._replace(place=OUTSIDE), Status.SHOWN)
    assert notes.of(cell._replace(place="buxton"), Status.SHOWN) == ""
    assert notes.of(cell._replace(period="2024"), Status.SHOWN) == ""
    late = Notes(AREA, LEAST, {"glossop": date(2025, 2, 8)})
    assert late.of(cell, Status.SHOWN) == "counted from 8 February 2025"


def test_a_place_that_was_counted_in_a_part_of_a_year_says_in_which_and_a_renamed_one_is_whole() -> None:
    def atoms(place: str, *names: str) -> dict[Atom, int]:
        return {Atom(name, "High Peak", place, "police", "nights"): 20 for name in names}

    first = next_edition(Edition(), atoms("high-town", *QUARTERS[:2]) | atoms("buxton", *QUARTERS[:2]), LEAST)
    rows = edition_rows(first, date(2025, 9, 1), Notes(AREA, LEAST))
    given = atom_rows(first.atoms), rows[PARTNER_QUARTER], rows[PARTNER_CENTRE_YEAR]
    known = atoms("glossop", *QUARTERS[:4]) | atoms("buxton", *QUARTERS[:4])
    for renamed, said in (({"high-town": "glossop"}, ""), ({}, "counted in 2025Q3 and 2025Q4 alone")):
        second = next_edition(edition_of(*given, renamed=renamed), known, LEAST)
        years_of = edition_rows(second, date(2026, 2, 8), Notes(AREA, LEAST))[PARTNER_CENTRE_YEAR]
        [row] = years_of.filter(place_code="glossop").to_dicts()
        assert (row["shown"], row["note"]) == (40 if said else 80, said)


def test_quarters_and_numbers_are_said_in_words() -> None:
    assert say_quarter("2025Q4") == "October to December 2025"
    said = [
        say_number(n, status, 8)
        for n, status in ((1234, "shown"), (None, "small"), (None, "protecting"), (None, "not_known"))
    ]
    assert said == ["1,234", "fewer than 8", "not shown", "not known"]
