"""What a Board is told of an intervention: what was found, what it means, what could have been seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from nte.area import Area
from nte.columns import Table
from nte.files import write_text
from nte.interventions import Intervention
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.effects import INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
from nte.warehouse import publish_copy
from reports.interventions.paper import (
    Evaluation,
    counted_by,
    drawn_from,
    intervention_paper,
    leaves_enough,
)
from reports.interventions.sentences import (
    NO_TEST,
    action_sentences,
    board_sentences,
    caveats,
    say_change,
    say_interval,
    say_less,
)
from reports.papers.page import as_page
from reports.papers.paper import Paper
from reports.papers.workbook import as_workbook
from reports.steps import write_intervention_pages
from tests.areas import derbyshire

HUB = Intervention(
    intervention_id="hub", place_code="chesterfield", starts_on=date(2025, 10, 3), nights="fri, sat", hours="21:00-03:00",
    hypothesis="fewer are hurt", outcome_definition="nte-violence", declared_on=date(2025, 10, 3), owner="lead on the hub",
)  # fmt: skip


def row(method: str = "forecast", source: str = "police", **facts: Any) -> dict[str, Any]:
    return {
        "source": source, "method": method, "ratio": 0.7, "lower": 0.55, "upper": 0.9, "placebo_rank": 2, "n_placebos": 40,
        "detectable_ratio": 0.75, "last_evening": date(2026, 3, 19), "why_not": "", "n_observed": 70,
    } | facts  # fmt: skip


UNTOLD: dict[str, Any] = {"lower": 0.5, "upper": 1.04}
NONE: dict[str, Any] = {
    "ratio": None,
    "lower": None,
    "upper": None,
    "detectable_ratio": None,
    "last_evening": None,
}


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.7, "a fall of 30\u00a0%"),
        (1.05, "a rise of 5\u00a0%"),
        (1.001, "no change"),
        (2.5, "a rise of 150\u00a0%"),
    ],
)
def test_a_ratio_is_said_as_a_change(ratio: float, said: str) -> None:
    assert say_change(ratio) == said
    said_so = {0.7: "30\u00a0% fewer", 1.05: "5\u00a0% more", 1.001: "as many", 2.5: "150\u00a0% more"}
    assert say_less(ratio) == said_so[ratio]
    assert say_interval(0.6, 1.2) == "from a fall of 40\u00a0% to a rise of 20\u00a0%"


@pytest.mark.parametrize(
    ("rows", "means"),
    [
        ([row(), row("synthetic")], "By both methods fewer incidents came than"),
        ([row(), row("synthetic", **UNTOLD)], "this is a sign and no proof"),
        ([row(**UNTOLD), row("synthetic", **UNTOLD)], "that is no proof that it did nothing"),
        ([row(), row("synthetic", ratio=1.3, lower=1.1, upper=1.6)], "contradict each other"),
        ([row(), row("synthetic", **NONE, why_not="few")], "this is a sign and no proof"),
    ],
)
def test_the_second_sentence_says_no_more_than_was_found(rows: list[dict[str, Any]], means: str) -> None:
    sentences = board_sentences(HUB, rows, derbyshire())
    assert len(sentences) == 3
    assert means in sentences[1]
    assert "four times in five" in sentences[2]


def test_without_an_effect_the_sentences_say_why_and_nothing_else() -> None:
    rows = [row(m, **NONE, why_not="only 3 of 40 nights are known") for m in ("forecast", "synthetic")]
    sentences = board_sentences(HUB, rows, derbyshire())
    assert len(sentences) == 3
    assert "no effect can be given, because only 3 of 40 nights are known" in sentences[0]
    assert "%" not in "".join(sentences)


def test_what_could_never_have_been_seen_is_said() -> None:
    sentences = board_sentences(HUB, [row(**UNTOLD | {"detectable_ratio": None})], derbyshire())
    assert sentences[2] == "No fall, however deep, could have been told from chance."


def test_the_lead_source_speaks_first() -> None:
    rows = [row(source="ae", ratio=0.2), row(source="police")]
    assert board_sentences(HUB, rows, derbyshire())[0].startswith(
        "Police, Chesterfield, from Friday 3 October 2025"
    )


def test_what_came_after_actions_never_stands_without_what_it_cannot_show() -> None:
    rows = [row("acted_on"), row("acted_on", source="ae", **NONE, why_not="2 alerts were acted on")]
    sentences = action_sentences(rows, derbyshire())
    assert sentences[0].startswith("Police: a fall of 30\u00a0% beside the nights after other alerts")
    assert sentences[1:] == [NO_TEST]
    assert action_sentences(rows[1:], derbyshire()) == ["Nothing is said, because 2 alerts were acted on."]


def periods(counts: Sequence[int], source: str = "police") -> list[dict[str, Any]]:
    """Four-week sums by both methods: the first three before the start, the others after it."""
    return [
        {
            "source": source, "method": method, "first_evening": HUB.starts_on + timedelta(days=28 * (n - 3)),
            "is_after": n >= 3, "n_observed": count, "n_counterfactual": 12.0,
        }
        for method in ("forecast", "synthetic")
        for n, count in enumerate(counts)
    ]  # fmt: skip


AS_OF = datetime(2026, 4, 6, 5, tzinfo=UTC)


def paper(
    *,
    hub: Intervention = HUB,
    source: str = "police",
    counts: Sequence[int] = (12, 9, 14, 8, 7, 9),
    nights: Sequence[dict[str, Any]] | None = None,
) -> Paper:
    facts: dict[str, Any] = {
        "source": source,
        "n_counterfactual": 36.0,
        "pre_fit_error": 0.2,
        "n_nights": 24,
        "n_nights_covered": 24,
    }
    rows = [row(method, n_observed=sum(counts[3:]), **facts) for method in ("forecast", "synthetic")]
    placebos = [
        {"source": source, "method": "forecast", "n_observed": n, "n_counterfactual": 10.0}
        for n in (7, 11, 15)
    ]
    many = [{"source": source, "quarter": date(2025, 10, 1), "n": 500}]
    found = Evaluation(
        hub, AS_OF, rows, periods(counts, source), placebos, many if nights is None else nights
    )
    return intervention_paper(found, derbyshire())


def page(**facts: Any) -> str:
    made = paper(**facts)
    assert as_workbook(made)
    return as_page(made)


def test_the_page_has_the_sentences_the_pictures_and_what_the_words_mean() -> None:
    text = page()
    for said in (
        "In three sentences",
        "Police: what came",
        "Each effect among its placebos",
        "spill-over",
        ">24 of 24<",
    ):
        assert said in text
    assert text.count("<svg") == 2
    assert "Post hoc" not in text
    assert page() == text


def test_what_was_declared_after_its_start_says_so_beside_the_result() -> None:
    late = HUB.model_copy(update={"declared_on": date(2026, 1, 1)})
    text = page(hub=late)
    assert "Declared on 2026-01-01, after its start: post hoc." in text
    assert text.index("Post hoc: declared after it had begun") > text.index("In three sentences")


def test_what_was_done_at_the_same_place_is_said_beside_the_result_by_its_dates() -> None:
    """Beside it while both are there, before it once it had ended, wherever the other was declared; else not at all."""
    day, more = date(2026, 4, 6), {"intervention_id": "patrols", "starts_on": date(2025, 11, 7)}
    beside, before = "may be its doing as well", "what it left behind"
    for facts, said in (
        ({}, beside),
        ({"starts_on": date(2025, 1, 3), "ends_on": date(2025, 10, 3)}, beside),
        ({"starts_on": date(2025, 1, 3), "ends_on": date(2025, 10, 2)}, before),
        ({"starts_on": date(2026, 4, 10)}, ""),
        ({"place_code": "derby"}, ""),
    ):
        other = HUB.model_copy(update=more | facts)
        area = derbyshire().model_copy(update={"interventions": (HUB, other)})
        found = caveats(HUB, area, day)
        assert [said in one for one in found] == ([True] if said else [])
        assert all("patrols, from Friday" in one for one in found)
    [ended] = caveats(
        HUB,
        area_with(HUB.model_copy(update=more | {"starts_on": date(2025, 1, 3), "ends_on": date(2025, 3, 1)})),
        day,
    )
    assert "patrols, from Friday 3 January 2025 to Saturday 1 March 2025" in ended


def area_with(*others: Intervention) -> Area:
    return derbyshire().model_copy(update={"interventions": (HUB, *others)})


def test_a_page_has_no_sums_of_a_time_that_is_for_the_page_of_another() -> None:
    """What had ended there before it began has its own page, with sums of the same two years."""
    ended = HUB.model_copy(
        update={"intervention_id": "ended", "starts_on": date(2025, 1, 3), "ends_on": date(2025, 9, 4)}
    )
    assert drawn_from(HUB, area_with()) == HUB.starts_on - timedelta(weeks=104)
    assert drawn_from(HUB, area_with(ended)) == date(2025, 9, 5)
    assert drawn_from(ended, area_with(ended)) == ended.starts_on - timedelta(weeks=104)


@pytest.mark.parametrize(("n_of_quarter", "is_counted"), [(28, False), (29, True)])
def test_a_quarters_nights_less_the_sums_of_the_page_are_no_small_number(
    n_of_quarter: int, is_counted: bool
) -> None:
    """The page tells 8, 7 and 9 of the fourth quarter: of 28 there, the papers beside it would tell 4 of other nights."""
    nights = [{"source": "police", "quarter": date(2025, 10, 1), "n": n_of_quarter}]
    text = page(nights=nights)
    assert text.count("not shown<") == (0 if is_counted else 4)
    assert (
        "less its counts, the figures of quarters and years would tell fewer than 5" in text
    ) is not is_counted


def test_a_run_of_quarters_holds_the_sums_that_none_of_them_holds_alone() -> None:
    """The sum of 5 September to 2 October lies in two quarters: each alone leaves 9, both together leave 4."""
    nights = [
        {"source": "police", "quarter": quarter, "n": n}
        for quarter, n in ((date(2025, 7, 1), 9 + 34), (date(2025, 10, 1), 9 + 24))
    ]
    found = Evaluation(HUB, AS_OF, [], periods((20, 14, 14, 8, 7, 9)), [], nights)
    assert not leaves_enough(found, "police", date(2025, 1, 1), 5)
    assert leaves_enough(found, "police", date(2025, 1, 1), 4)
    assert not leaves_enough(replace(found, nights=[]), "police", date(2025, 1, 1), 4)


def test_of_two_at_one_place_and_time_one_page_alone_has_counts() -> None:
    fridays = HUB.model_copy(
        update={"intervention_id": "fridays", "nights": (5,), "declared_on": date(2025, 10, 1)}
    )
    ended = fridays.model_copy(update={"starts_on": date(2024, 1, 5), "ends_on": date(2024, 3, 1)})
    day = date(2026, 4, 6)
    for other, counts in ((fridays, "fridays"), (ended, "hub")):
        area = derbyshire().model_copy(update={"interventions": (HUB, other)})
        assert counted_by(HUB, area, day).intervention_id == counts
    text = page(hub=HUB.model_copy(update={"declared_on": date(2026, 3, 2)}))
    assert "are for the page of example-chesterfield-hub alone" in text
    assert text.count("not shown<") == 4


def test_a_reason_for_no_effect_stands_below_the_table_and_does_not_widen_it() -> None:
    none = row(
        **NONE, why_not="few came", pre_fit_error=0.2, n_counterfactual=36.0, n_nights=24, n_nights_covered=24
    )
    made = intervention_paper(Evaluation(HUB, AS_OF, [none], [], [], []), derbyshire())
    [table] = [section for section in made.sections if section.grids]
    assert "none given" in table.grids[0].rows[0]
    assert table.notes == ["Police, beside our forecast: none given, because few came."]


@pytest.mark.parametrize(("source", "hidden", "other"), [("ae", 1, 7), ("police", 1, 4)])
def test_a_small_sum_after_the_start_hides_every_count_of_its_source(
    source: str, hidden: int, other: int
) -> None:
    """Whatever the small sum is, the page is the same: neither it nor a total that would tell it stands there."""
    one, another = (page(source=source, counts=(20, 20, 20, 20, n, 20)) for n in (hidden, other))
    assert one == another
    assert "the change is told, and no count" in one
    assert one.count("not shown<") == 4


def test_where_too_few_came_in_all_no_change_tells_how_many() -> None:
    """A fall of 100 % would say that nobody came: 0 and 4 read alike, 5 is told as a change."""
    none, four, five = (
        [row(m, ratio=n / 20, n_observed=n, n_counterfactual=20.0, pre_fit_error=0.2, n_nights=24, n_nights_covered=24)
         for m in ("forecast", "synthetic")]
        for n in (0, 4, 5)
    )  # fmt: skip
    pages = [
        as_page(intervention_paper(Evaluation(HUB, AS_OF, rows, [], [], []), derbyshire()))
        for rows in (none, four, five)
    ]
    assert pages[0] == pages[1]
    assert "fewer than 5 came where more were to be expected: how much less would tell how many" in pages[0]
    assert "by how much, and whether by chance alone, may not be said here" in pages[0]
    assert "neither that it works" not in pages[0]
    assert "75\u00a0% fewer incidents" in pages[2]


def test_a_small_sum_before_the_start_is_left_out_of_the_picture() -> None:
    assert page(counts=(20, 1, 20, 20, 20, 20)) == page(counts=(20, 4, 20, 20, 20, 20))


def test_the_nights_of_its_place_are_asked_as_they_were_known_then(empty: Settings) -> None:
    """27 in the fourth quarter as known then, five more later: the page of that morning has no count."""
    key = {"intervention_id": "hub", "definition": "nte-violence", "as_of": AS_OF}
    effects = [
        dict.fromkeys(INTERVENTION_EFFECTS.names) | row(m, n_observed=24) | key
        | {"n_counterfactual": 36.0, "pre_fit_error": 0.2, "n_nights": 24, "n_nights_covered": 24, "is_post_hoc": False}
        for m in ("forecast", "synthetic")
    ]  # fmt: skip
    night = {
        "centre_code": "chesterfield",
        "source": "police",
        "definition": "nte-violence",
        "is_covered": True,
    }
    nights = [
        night | {"evening": date(2025, 12, 30), "n_incidents": n, "known_at": known_at}
        for n, known_at in ((27, AS_OF - timedelta(days=9)), (32, AS_OF + timedelta(days=9)))
    ]
    nights += [
        night | {"centre_code": "derby", "evening": date(2025, 12, 30), "n_incidents": 90, "known_at": AS_OF}
    ]
    sums = [one | key for one in periods((12, 9, 14, 8, 7, 9))]
    rows: tuple[tuple[Table, list[dict[str, Any]]], ...] = (
        (INTERVENTION_EFFECTS, effects), (INTERVENTION_PERIODS, sums), (INTERVENTION_PLACEBOS, []),
        (NIGHT_COUNT_REVISIONS, nights),
    )  # fmt: skip
    publish_copy(
        empty.published_file, [(table, pl.DataFrame(found, table.schema)) for table, found in rows], []
    )
    [path] = write_intervention_pages(empty, derbyshire(), AS_OF, [HUB])
    page = path.read_text(encoding="utf-8")
    assert "would tell fewer than 5 incidents of other nights" in page
    assert "Simulated figures" not in page
    write_text(empty.simulated_file, "{}")
    write_intervention_pages(empty, derbyshire(), AS_OF, [HUB])
    assert "Simulated figures" in path.read_text(encoding="utf-8")
