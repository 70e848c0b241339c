"""A run in this process: what waits, what is skipped and what goes on, as in Airflow."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.flows import Ended, Outcome, not_begun, run_flow, run_flows
from flows.declared import Flow, Rule, Step
from flows.run import FoundError, Run, SkippedError
from nte.errors import NteError
from nte.settings import Settings
from tests.areas import derbyshire

AREA = derbyshire()
W, S, F, H = Ended.WORKED, Ended.SKIPPED, Ended.FAILED, Ended.HELD_UP


def this(**wanted: Any) -> Run:
    now = datetime(2026, 3, 30, 8, tzinfo=UTC)
    return Run(Settings(home=Path("nowhere")), AREA, now, slack=lambda: None, wanted=wanted)


def named(name: str, does: Callable[..., Any]) -> Callable[..., Any]:
    does.__name__ = name
    return does


def works(name: str, result: Any = None) -> Callable[..., Any]:
    return named(name, lambda run, **given: given if result is None else result)


def fails(name: str, problem: Exception) -> Callable[..., Any]:
    def does(run: Run, **given: Any) -> None:
        raise problem

    return named(name, does)


def ended(*steps: Step, of_each_source: tuple[Step, ...] = ()) -> Outcome:
    return run_flow(Flow("scene", "test", steps, of_each_source), this(), lambda step: None)


@pytest.mark.parametrize(
    ("rule", "before", "expected"),
    [
        (Rule.ALL_WORKED, {W}, None), (Rule.ALL_WORKED, {W, S}, S), (Rule.ALL_WORKED, {S, F}, H), (Rule.ALL_WORKED, {H}, H),
        (Rule.NONE_FAILED, {W, S}, None), (Rule.NONE_FAILED, {S}, None), (Rule.NONE_FAILED, {W, H}, H),
        (Rule.ALL_ENDED, {F, H, S}, None), (Rule.ALL_WORKED, set(), None),
    ],
)  # fmt: skip
def test_a_step_begins_by_the_rule_that_airflow_has_of_that_name(
    rule: Rule, before: set[Ended], expected: Ended | None
) -> None:
    assert not_begun(rule, before) is expected


def test_what_fails_holds_up_what_waits_for_it_and_nothing_else() -> None:
    done = ended(
        Step(fails("first", ValueError("a cell"))),
        Step(works("second"), after=("first",)),
        Step(works("beside")),
        Step(works("last"), after=("second",), rule=Rule.ALL_ENDED),
    )
    assert done.ended == {"first": F, "second": H, "beside": W, "last": W}
    assert not done.is_good
    [reason] = done.reasons
    assert reason.startswith("Traceback")
    assert "first: an error that this service does not know. Report it with the lines above." in reason


def test_each_source_goes_its_own_way() -> None:
    def check(run: Run, source: str) -> list[str]:
        if source == "police":
            raise NteError("the disk is full.")
        return [source]

    def count(run: Run) -> None:
        counted.append("all")

    counted: list[str] = []
    of_source = (Step(check), Step(works("conform"), after=("check",)))
    done = ended(Step(count, after=("conform",), rule=Rule.ALL_ENDED), of_each_source=of_source)
    assert done.ended["police.conform"] is H
    assert {done.ended[f"{source}.conform"] for source in AREA.sources if source != "police"} == {W}
    assert counted == ["all"]
    assert done.reasons == ("police.check: the disk is full.",)


def test_of_what_is_taken_one_at_a_time_one_that_fails_does_not_stop_the_others() -> None:
    def take(run: Run, one: int) -> int:
        taken.append(one)
        if one == 1:
            raise NteError("one is odd.")
        return one * 10

    taken: list[int] = []
    done = ended(
        Step(works("give", [0, 1, 2])),
        Step(take, takes={"one": "give"}, each="one"),
        Step(works("after"), takes={"all": "take"}),
    )
    assert taken == [0, 1, 2]
    assert done.ended == {"give": W, "take": F, "after": H}


def test_where_there_is_nothing_to_take_the_step_is_skipped_and_hands_on_nothing() -> None:
    got: list[object] = []

    def load(run: Run, shards: list[int] | None) -> None:
        got.append(shards)

    done = ended(
        Step(works("plan", [])),
        Step(works("fit"), takes={"weekend": "plan"}, each="weekend"),
        Step(works("cut"), takes={"fitted": "fit"}),
        Step(load, takes={"shards": "cut"}, after=("fit",), rule=Rule.NONE_FAILED),
    )
    assert done.ended == {"plan": W, "fit": S, "cut": S, "load": W}
    assert got == [None]
    assert done.is_good


def test_a_refused_file_is_an_answer_and_no_failure() -> None:
    files = Step(works("check", [{"file": "a.csv"}, {"file": "b.csv"}]))
    red = fails("refused", FoundError("a.csv: a column is missing; ask the provider."))
    done = ended(files, Step(red, takes={"delivery": "check"}, each="delivery", is_answer=True))
    assert done.ended["refused"] is F
    assert done.is_good
    assert done.reasons == ("a.csv: a column is missing; ask the provider.",) * 2


def test_the_flows_after_one_that_failed_do_not_begin_and_all_reasons_are_told() -> None:
    begun: list[str] = []
    flows = [
        Flow("one", "test", (Step(works("fine")),)),
        Flow("two", "test", (Step(fails("bad", NteError("no."))), Step(fails("worse", NteError("never."))))),
        Flow("three", "test", (Step(works("never_begun")),)),
    ]
    with pytest.raises(NteError, match=r"bad: no\.\nworse: never\.\nNothing is lost"):
        run_flows(this(), begun.append, flows)
    assert begun == ["one: fine", "two: bad", "two: worse"]


def test_a_skipped_step_is_no_failure() -> None:
    done = ended(Step(fails("asked", SkippedError("nobody asked."))), Step(works("after"), after=("asked",)))
    assert done.ended == {"asked": S, "after": S}
    assert done.is_good
    assert done.reasons == ()
