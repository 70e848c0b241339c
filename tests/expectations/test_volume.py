"""How many rows a delivery brings, against what its weekday brings."""

from datetime import date, timedelta

import pytest

from expectations.volume import PastVolume, judge_volume, volume_limits
from tests.expectations.house import DAY, House, police_row

USUAL = {0: 40, 1: 42, 2: 38, 3: 41, 4: 45, 5: 90, 6: 95}
FIRST = DAY - timedelta(days=42)
PAST = [PastVolume(d, USUAL[d.weekday()] + d.day % 5) for d in (FIRST + timedelta(days=n) for n in range(42))]


@pytest.mark.parametrize(
    ("n_rows", "rules"), [(39, []), (55, []), (95, ["volume_unusual"]), (6, ["volume_unusual"])]
)
def test_a_warning_is_given_both_ways_and_not_for_chance(n_rows: int, rules: list[str]) -> None:
    assert [o.rule.rule for o in judge_volume(DAY, n_rows, PAST)] == rules


def test_a_busy_weekday_has_its_own_level() -> None:
    saturday = DAY + timedelta(days=3)
    past = [*PAST, *(PastVolume(DAY + timedelta(days=n), USUAL[n + 2]) for n in range(3))]
    assert judge_volume(saturday, 92, past) == []
    assert judge_volume(DAY, 92, PAST) != []


def test_after_a_missed_day_the_held_back_rows_are_usual() -> None:
    assert judge_volume(DAY, 80, PAST[:-1]) == []


def test_nothing_is_said_before_enough_is_known() -> None:
    assert judge_volume(DAY, 5000, PAST[:6]) == []
    assert volume_limits(DAY, PAST[:6]) is None


def test_a_feed_that_goes_quiet_is_said_loudly_although_no_single_day_is_extreme() -> None:
    quiet = [PastVolume(DAY, 18), PastVolume(DAY + timedelta(days=1), 17)]
    found = judge_volume(DAY + timedelta(days=2), 16, [*PAST, *quiet])
    (said,) = [o.detail for o in found if o.rule.rule == "source_gone_quiet"]
    assert said == "its last 3 deliveries brought 51 rows, where about 130 are usual"


def test_many_times_the_usual_rows_are_rejected_without_a_manifest_and_believed_with_one(
    house: House,
) -> None:
    n = 0
    for back in range(9, 0, -1):
        day = DAY - timedelta(days=back)
        house.put_day("police", [police_row(n := n + 1, day) for _ in range(4)], day)
    house.check()
    flood = [police_row(1000 + i) for i in range(80)]
    house.put_day("police", flood)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert "80 rows, where this weekday can bring 0 to" in checked.summary
    assert "no manifest: cut short or doubled" in checked.summary
    house.put_day("police", flood, n_rows=80)
    assert house.check_one().verdict == "accepted"


def test_days_are_counted_by_date_not_by_place_in_the_list() -> None:
    past = [PastVolume(date(2026, 1, 1) + timedelta(days=2 * n), 40) for n in range(30)]
    assert judge_volume(past[-1].day + timedelta(days=1), 41, past) == []
