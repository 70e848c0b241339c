"""Great Expectations: the only file that knows it. Rules in, outcomes out; no value of a delivery leaves it.

Importing takes seconds, so steps import this file when they run.
"""

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import pandas as pd
import polars as pl

from expectations.rules import (
    HasColumns,
    HasDeclaredRows,
    HasForm,
    HasNotForm,
    HasUsualRows,
    IsFilled,
    IsNotBefore,
    IsOneOf,
    IsPossible,
    IsTrue,
    IsUniqueWith,
    Limits,
    Outcome,
    Rule,
    Severity,
)
from nte.deliveries.text import ROW_NUMBER

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports modules that Python is giving up
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.id_dict import IDDict
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

GX_SEVERITY = {Severity.CRITICAL: "critical", Severity.ERROR: "warning", Severity.WARNING: "info"}
QUICK: dict[str, Any] = {"result_format": "BOOLEAN_ONLY"}
WITH_ROWS: dict[str, Any] = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW_NUMBER]}


@lru_cache(maxsize=64)
def build_suite(name: str, rules: tuple[Rule, ...]) -> gx.ExpectationSuite:
    """Return the named suite of these rules; each expectation carries its severity and its rule's name."""
    return gx.ExpectationSuite(name=name, expectations=[_expectation(rule) for rule in rules])


def validate(name: str, frame: pl.DataFrame, rules: Sequence[Rule], limits: Limits) -> list[Outcome]:
    """Return what became of each rule, in order, with the row numbers at fault.

    `limits` gives what differs from delivery to delivery. A first quick pass only says which expectations
    failed; those alone are looked at row by row.
    """
    pandas_frame, parameters = _to_pandas(frame), _parameters(limits)
    is_met = _run(build_suite(name, tuple(rules)), pandas_frame, QUICK, parameters)
    failed = [rule for rule in rules if not is_met[rule.rule, rule.column].success]
    if not failed:
        return [Outcome(rule, is_met=True) for rule in rules]
    suite = gx.ExpectationSuite(name=f"{name}, failed", expectations=[_expectation(rule) for rule in failed])
    found = _run(suite, pandas_frame, WITH_ROWS, parameters)
    rows = {rule: _row_numbers(found[rule.rule, rule.column]) for rule in failed}
    return [Outcome(rule, is_met=rule not in rows, rows=rows.get(rule, ())) for rule in rules]


def _run(
    suite: gx.ExpectationSuite, frame: pd.DataFrame, result_format: dict[str, Any], parameters: dict[str, Any]
) -> dict[tuple[str, str], Any]:
    """Return the result of each expectation, by its rule and column."""
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": frame})
    with _configured_once():
        answer = batch.validate(suite, result_format=result_format, expectation_parameters=parameters)
    found: dict[tuple[str, str], Any] = {}
    for result in answer.results:
        meta: dict[str, str] = getattr(result.expectation_config, "meta", None) or {}
        if (result.exception_info or {}).get("raised_exception", True):
            raise RuntimeError(f"{suite.name}: {meta['rule']} on {meta['column']!r} cannot be tested")
        found[meta["rule"], meta["column"]] = result
    return found


def _row_numbers(result: Any) -> tuple[int, ...]:
    indices = result.result.get("unexpected_index_list") or []
    return tuple(sorted({int(index[ROW_NUMBER]) for index in indices}))


def _parameters(limits: Limits) -> dict[str, Any]:
    known_at = pd.Timestamp(limits.known_at).tz_convert("UTC").tz_localize(None)
    return {
        "known_at": known_at,
        "n_declared": limits.n_declared,
        "least_rows": limits.least_rows,
        "most_rows": limits.most_rows,
    }


@contextmanager
def _configured_once() -> Iterator[None]:
    """Let an expectation build its configuration, and a configuration its expectation, once a validation.

    Great Expectations asks for them some seventy times each and builds them anew every time, and it takes each name of
    a metric apart to see whether JSON can say it: two thirds of all the time that checking small deliveries takes.
    """
    build, build_back, name = Expectation.configuration, ExpectationConfiguration.to_domain_obj, IDDict.to_id
    built: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}
    built_back: dict[int, tuple[ExpectationConfiguration, dict[str, Any], Expectation]] = {}

    def once(expectation: Expectation) -> ExpectationConfiguration:
        if id(expectation) not in built:
            built[id(expectation)] = expectation, build.fget(expectation)  # type: ignore[attr-defined]
        return built[id(expectation)][1]

    def once_back(configuration: ExpectationConfiguration) -> Expectation:
        _, kwargs, expectation = built_back.get(id(configuration), (None, None, None))
        if expectation is None or kwargs != configuration.kwargs:
            expectation = build_back(configuration)
            built_back[id(configuration)] = configuration, dict(configuration.kwargs), expectation
        return expectation

    Expectation.configuration = property(once)  # type: ignore[method-assign, assignment]
    ExpectationConfiguration.to_domain_obj = once_back  # type: ignore[method-assign, assignment]
    IDDict.to_id = _name_of  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Expectation.configuration = build  # type: ignore[method-assign]
        ExpectationConfiguration.to_domain_obj = build_back  # type: ignore[method-assign]
        IDDict.to_id = name  # type: ignore[method-assign]


NAME_OF = IDDict.to_id
PLAIN = (str, int, type(None))
"""Types that JSON says as they are."""


def _name_of(known: IDDict, id_keys: Any = None, id_ignore_keys: Any = None) -> Any:
    """Return by what a metric is known: where all values are plain, without asking of each whether JSON can say it."""
    if (
        id_keys is None
        and not id_ignore_keys
        and not known._id_ignore_keys
        and len(known) > 1
        and all(map(_is_plain, known.values()))
    ):
        return json.dumps(known, sort_keys=True)
    return NAME_OF(known, id_keys, id_ignore_keys)


def _is_plain(value: Any) -> bool:
    return isinstance(value, PLAIN) or (type(value) is list and all(isinstance(one, PLAIN) for one in value))


@cache
def _batch_definition() -> BatchDefinition[Any]:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("deliveries")
    return source.add_dataframe_asset("delivery").add_batch_definition_whole_dataframe("whole")


def _to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: frame[name].to_pandas() for name in frame.columns})


def _expectation(rule: Rule) -> Any:  # noqa: C901, PLR0911  one case a kind of test
    known: dict[str, Any] = {
        "severity": GX_SEVERITY[rule.severity],
        "meta": {"rule": rule.rule, "column": rule.column},
    }
    column = rule.tested_column
    match rule.test:
        case HasColumns(names):
            return gxe.ExpectTableColumnsToMatchSet(column_set=list(names), exact_match=False, **known)
        case HasDeclaredRows():
            return gxe.ExpectTableRowCountToEqual(value=_later("n_declared"), **known)
        case HasUsualRows():
            return gxe.ExpectTableRowCountToBeBetween(
                min_value=_later("least_rows"), max_value=_later("most_rows"), **known
            )
        case IsFilled():
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **known)
        case IsTrue(share):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[True], mostly=share, **known)
        case IsOneOf(values):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(values), **known)
        case HasForm(pattern):
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=pattern, **known)
        case HasNotForm(pattern):
            return gxe.ExpectColumnValuesToNotMatchRegex(column=column, regex=pattern, **known)
        case IsPossible(oldest):
            return gxe.ExpectColumnValuesToBeBetween(
                column=column, min_value=pd.Timestamp(oldest), max_value=_later("known_at"), **known
            )
        case IsNotBefore(other):
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=column,
                column_B=other,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                **known,
            )
        case IsUniqueWith(other):
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=[column, other], **known)


def _later(name: str) -> Any:
    return {"$PARAMETER": name}
