"""What comes again: a version with other content, and rows that were set aside, after a mapping was corrected."""

from datetime import UTC, datetime, timedelta

from expectations.steps import retry_quarantine
from tests.expectations.house import DAY, House, ae_row, police_row

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
GOOD = [police_row(n) for n in range(1, 6)]


def test_the_same_version_with_other_content_is_used_and_warned_of(house: House) -> None:
    house.put_day("police", GOOD)
    house.check()
    house.conform()
    house.put_day(
        "police", [police_row(1, ho_code="8P"), police_row(2, record_version="2")], DAY + timedelta(days=1)
    )
    assert house.check_one().verdict == "accepted"
    assert ("version_contradicted", "") in house.reasons()
    assert "1 record version came before with other content; the later delivery counts" in house.messages()


def test_other_free_text_or_a_new_time_of_change_is_no_other_content(house: House) -> None:
    house.put_day("ae", [ae_row(1)])
    house.put_day(
        "ae", [ae_row(1, place_text="somewhere else", last_modified_at="")], DAY + timedelta(days=1)
    )
    assert [c.verdict for c in house.check("ae").checked] == ["accepted", "accepted"]
    assert house.reasons() == {}


def test_rows_set_aside_are_released_when_the_area_file_learns_their_state(house: House) -> None:
    house.put_day(
        "police", [*GOOD, police_row(6, status="under_review"), police_row(7, crime_ref="")], n_rows=7
    )
    assert house.check_one().n_quarantined == 2
    assert house.conform() == 5
    nothing = retry_quarantine(house.settings, house.area, "police", NOW)
    assert (nothing.delivery_ids, nothing.n_released, nothing.n_still_aside) == ((), 0, 2)
    police = house.area.sources["police"]
    wiser = police.model_copy(update={"live_states": (*police.live_states, "under_review")})
    house.area = house.area.model_copy(update={"sources": {**house.area.sources, "police": wiser}})
    retried = retry_quarantine(house.settings, house.area, "police", NOW)
    assert (len(retried.delivery_ids), retried.n_released, retried.n_still_aside) == (1, 1, 1)
    assert house.check().checked == ()
    assert house.conform() == 6
    assert house.quarantine() == [(7, "key_missing", "crime_ref")]
    assert house.names("inbox") == []
    assert len(house.names("accepted")) == 2
    assert list(house.verdicts()["n_accepted"]) == [6]


def test_a_retry_says_which_originals_are_no_longer_kept(house: House) -> None:
    house.put_day("police", [*GOOD, police_row(6, status="under_review")])
    house.check()
    house.conform()
    for name in house.names("accepted"):
        (house.home / "accepted" / name).unlink()
    retried = retry_quarantine(house.settings, house.area, "police", NOW)
    assert retried.not_kept == (f"police_{DAY}.csv",)
    assert (retried.n_released, retried.n_still_aside) == (0, 1)
