"""Which records a definition counts."""

from functools import reduce
from operator import or_

import polars as pl

from nte.area import CountRule, Definition


def is_counted(definition: Definition) -> pl.Expr:
    """Return, for each row of `records`, whether it counts under a definition.

    Withdrawn records never count. An unknown domestic flag counts; an unknown knife flag is not a knife.
    """
    chosen = reduce(or_, [_meets(rule) for rule in definition.counts])
    kept = chosen & ~pl.col("is_withdrawn")
    if definition.excludes_domestic:
        kept &= ~pl.col("is_domestic").fill_null(value=False)
    return kept.fill_null(value=False)


def _meets(rule: CountRule) -> pl.Expr:
    met = pl.col("source") == rule.source
    if rule.offence_codes is not None:
        met &= pl.col("offence_code").is_in(rule.offence_codes)
    if rule.states is not None:
        met &= pl.col("state").is_in(rule.states)
    if rule.has_knife is not None:
        met &= pl.col("has_knife") == rule.has_knife
    return met.fill_null(value=False)
