"""A very large delivery is looked at in parts, and what comes out is what the whole would give."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from expectations import events, judging, prints
from expectations.judging import judge_delivery
from nte.area import Area
from nte.deliveries import text as delivery_text
from nte.deliveries.inbox import arrival_at
from nte.deliveries.text import read_delivery
from tests.areas import derbyshire
from tests.expectations.house import DAY, csv_text, police_row

WITH_NEWLINES = 'crime_ref,place\n1,"first\nsecond, with ""quotes"""\n\n2,\n 3,"x\n\ny"\n4,a,too many\n'


@pytest.fixture(scope="module")
def area() -> Area:
    return derbyshire()


@pytest.mark.parametrize("n_bytes", range(1, 40, 3))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_delivery_that_is_read_in_pieces_is_read_as_a_whole(
    area: Area, monkeypatch: pytest.MonkeyPatch, n_bytes: int, line_end: str
) -> None:
    content, source = ("\ufeff" + WITH_NEWLINES.replace("\n", line_end)).encode(), area.sources["police"]
    whole = read_delivery(content, source)
    monkeypatch.setattr(delivery_text, "PIECE_BYTES", n_bytes)
    pieces = read_delivery(content, source)
    assert pieces.frame.equals(whole.frame)
    assert (pieces.ragged_rows, pieces.surplus, pieces.header) == (
        whole.ragged_rows,
        whole.surplus,
        whole.header,
    )
    assert whole.frame.height == 4
    assert whole.ragged_rows == (5,)


def test_a_verdict_on_parts_is_the_verdict_on_the_whole(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [police_row(n, easting="0" if n % 2 else "435000") for n in range(1, 60)]
    rows += [police_row(1), police_row(7, status="nowhere"), police_row(61, committed_from="yesterday")]
    rows += [police_row(62, ho_code="unheard of"), police_row(63, DAY + timedelta(days=90))]
    content, source = csv_text(rows, "police").encode(), area.sources["police"]
    arrival = arrival_at(Path(f"police_{DAY}.csv"), source, area)
    assert arrival is not None
    whole = judge_delivery(lambda: content, b'{"rows": 64}', arrival, area)
    for module in (judging, prints, events):
        monkeypatch.setattr(module, "PART_ROWS", 7)
    parts = judge_delivery(lambda: content, b'{"rows": 64}', arrival, area)
    assert parts.outcomes == whole.outcomes
    for name in ("quarantine", "prints", "events"):
        found, expected = (getattr(one, name).sort(pl.all()) for one in (parts, whole))
        assert found.equals(expected), name
    assert {o.rule.rule for o in whole.failed} >= {"record_repeated", "state_unknown", "unplaced_unusual"}
