"""Counts that people explained do not teach the bands; faults are not scored either; never before it was said."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from forecasts.issuing.bands import BandSettings, issue_bands
from forecasts.known.labels import without_labelled
from nte.tables.judgements import LABELLED_NIGHTS

SATURDAY = date(2026, 3, 28)
SAID_AT = datetime(2026, 3, 30, 9, tzinfo=UTC)
BEFORE, AFTER = SAID_AT - timedelta(seconds=1), SAID_AT
Label = tuple[date, str, str, str, datetime]


def counts(*rows: tuple[date, str, str, int]) -> pl.DataFrame:
    """Return known counts: evening, centre, source, number."""
    schema = ["evening", "centre_code", "source", "n_incidents"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        definition=pl.lit("nte-violence"), is_covered=pl.lit(value=True), known_share=pl.lit(1.0)
    )


def labels(*rows: Label) -> pl.DataFrame:
    """Return labels: evening, centre, source, label, known at."""
    made = [
        (e, c, s, "nte-violence", f"answer {n}", f"{c}/{e}/nte-violence", label, at)
        for n, (e, c, s, label, at) in enumerate(rows)
    ]
    return LABELLED_NIGHTS.conform(pl.DataFrame(made, schema=LABELLED_NIGHTS.schema, orient="row"))


NIGHT = counts(
    (SATURDAY, "derby", "police", 14), (SATURDAY, "derby", "emas", 3), (SATURDAY, "chesterfield", "police", 4)
)


def known(frame: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Return the counts that are known, by centre and source."""
    rows = frame.filter("is_covered").select("centre_code", "source", "n_incidents").iter_rows()
    return {(centre, source): n for centre, source, n in rows if n is not None}


@pytest.mark.parametrize(
    ("label", "only_faults", "is_left_out"),
    [
        ("explained", False, True),
        ("data_fault", False, True),
        ("explained", True, False),
        ("data_fault", True, True),
    ],
)
def test_training_leaves_out_what_is_labelled_and_scoring_only_faults(
    label: str, only_faults: bool, is_left_out: bool
) -> None:
    said = labels((SATURDAY, "derby", "police", label, SAID_AT))
    left = known(without_labelled(NIGHT, said, AFTER, only_faults=only_faults))
    assert (("derby", "police") not in left) is is_left_out
    assert left.keys() >= {("derby", "emas"), ("chesterfield", "police")}


def test_a_label_counts_only_from_when_it_was_given() -> None:
    said = labels((SATURDAY, "derby", "police", "data_fault", SAID_AT))
    assert without_labelled(NIGHT, said, BEFORE).equals(NIGHT)
    assert ("derby", "police") not in known(without_labelled(NIGHT, said, AFTER))


def test_of_two_answers_the_later_holds() -> None:
    later = SAID_AT + timedelta(days=1)
    said = labels(
        (SATURDAY, "derby", "police", "explained", later),
        (SATURDAY, "derby", "police", "data_fault", SAID_AT),
    )
    assert ("derby", "police") not in known(without_labelled(NIGHT, said, SAID_AT, only_faults=True))
    assert known(without_labelled(NIGHT, said, later, only_faults=True)) == known(NIGHT)


def test_without_labels_nothing_changes() -> None:
    assert without_labelled(NIGHT, LABELLED_NIGHTS.empty(), AFTER).equals(NIGHT)


def test_what_is_left_out_is_unknown_and_not_zero() -> None:
    said = labels((SATURDAY, "derby", "police", "explained", SAID_AT))
    row = without_labelled(NIGHT, said, AFTER).filter(source="police", centre_code="derby").row(0, named=True)
    assert (row["n_incidents"], row["is_covered"]) == (None, False)


def test_an_explained_surge_does_not_raise_the_next_bands() -> None:
    first = date(2025, 1, 6)
    evenings = [first + timedelta(days=n) for n in range(7 * 60)]
    surged = evenings[-10:-3]
    rows = [
        (e, c, "police", 30 if e in surged and c == "derby" else 3 + (e.toordinal() * 7 + len(c)) % 4)
        for e in evenings
        for c in ("derby", "chesterfield")
    ]
    history = counts(*rows)
    said = labels(*((e, "derby", "police", "explained", SAID_AT) for e in surged))
    ahead = evenings[-1] + timedelta(days=1)
    taught, spared, usual = (
        _expected(frame, ahead)
        for frame in (
            history,
            without_labelled(history, said, AFTER),
            without_labelled(history.filter(~pl.col("evening").is_in(surged)), said, AFTER),
        )
    )
    assert taught > 1.05 * usual
    assert spared == pytest.approx(usual, rel=0.03)


def _expected(history: pl.DataFrame, evening: date) -> float:
    calendar = pl.DataFrame({"evening": history["evening"].unique().sort().append(pl.Series([evening]))})
    centres = pl.DataFrame({"centre_code": ["derby", "chesterfield"]})
    changes = pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date})
    bands = issue_bands(history, [evening], calendar, centres, changes, BandSettings())
    return float(bands.filter(centre_code="derby")["expected"][0])
