"""Judgements made again from what was known then, held against those that stand."""

import polars as pl

KEY = ["evening", "centre_code", "source"]
COMPARED = ("verdict", "n_incidents", "expected_so_far", "limit_so_far", "p_value", "stands_chance")
TOLERANCE = 1e-6


def differences(stored: pl.DataFrame, again: pl.DataFrame) -> list[str]:
    """Return one line for each stored judgement of a morning that comes out differently when made again.

    Both: evening, centre_code, source and the compared columns. A judgement that cannot be made again, because its
    band or its counts are gone, is a difference too.
    """
    both = stored.select(*KEY, *COMPARED).join(
        again.select(*KEY, *COMPARED), on=KEY, how="left", suffix="_again"
    )
    differs = pl.any_horizontal(*map(_differs, COMPARED))
    return [_line(row) for row in both.filter(differs).sort(KEY).iter_rows(named=True)]


def _differs(name: str) -> pl.Expr:
    then, now = pl.col(name), pl.col(f"{name}_again")
    if name in {"expected_so_far", "p_value", "stands_chance"}:
        is_other = (then - now).abs() > TOLERANCE * pl.max_horizontal(pl.lit(1.0), then.abs())
        return is_other.fill_null(value=False) | (then.is_null() != now.is_null())
    return then.ne_missing(now)


def _line(row: dict[str, object]) -> str:
    said = [
        f"{name.replace('_', ' ')} was {_say(row[name])}, again {_say(row[f'{name}_again'])}"
        for name in COMPARED
        if row[name] != row[f"{name}_again"]
    ]
    return f"{row['evening']} {row['centre_code']} {row['source']}: {'; '.join(said)}"


def _say(value: object) -> str:
    if value is None:
        return "not known"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
