"""How much of a night is known at which age."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from forecasts.known.completeness import filling_at, learn_completeness

AS_OF = date(2026, 3, 30)
AGES = (1, 3, 7, 35)
TRUE_SHARES = {1: 0.4, 3: 0.7, 7: 0.9, 35: 1.0}


def priors(weight_nights: float = 5.0, shares: tuple[float, ...] = (0.8, 0.9, 0.95, 1.0)) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": ["police"] * 4,
            "age_days": AGES,
            "known_share": shares,
            "weight_nights": [weight_nights] * 4,
        }
    )


def revisions(n_nights: int, seed: int = 3) -> pl.DataFrame:
    """Return what was known of each night at each age that it has reached."""
    random = np.random.default_rng(seed)
    rows = []
    for back in range(1, n_nights + 1):
        evening = AS_OF - timedelta(days=back)
        arrival = random.random(random.poisson(20))
        known = {age: int((arrival < TRUE_SHARES[age]).sum()) for age in AGES if age <= back}
        for age, n_known in known.items():
            latest = max(known)
            rows.append(("police", evening, age, n_known, known[latest], latest))
    schema = ["source", "evening", "age_days", "n_known", "n_latest", "latest_age_days"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_without_evidence_the_prior_stands() -> None:
    learned = learn_completeness(revisions(0).cast(revisions(60).schema), priors(), AS_OF)
    assert learned["known_share"].to_list() == pytest.approx([0.8, 0.9, 0.95, 1.0])
    assert learned["n_evidence"].to_list() == [0, 0, 0, 0]


def test_with_evidence_the_truth_is_learned() -> None:
    learned = learn_completeness(revisions(180), priors(), AS_OF)
    assert learned["known_share"].to_list() == pytest.approx([0.4, 0.7, 0.9, 1.0], abs=0.04)


def test_a_little_evidence_moves_the_prior_a_little() -> None:
    little = learn_completeness(revisions(40), priors(weight_nights=40.0), AS_OF)["known_share"][0]
    assert 0.45 < little < 0.78


def test_young_nights_are_not_taken_for_final() -> None:
    """Nights of one week alone: their latest counts are themselves incomplete."""
    learned = learn_completeness(revisions(10), priors(1.0, (0.4, 0.7, 0.9, 1.0)), AS_OF)
    assert learned["known_share"].to_list() == pytest.approx([0.4, 0.7, 0.9, 1.0], abs=0.12)


def test_shares_never_fall_with_age() -> None:
    learned = learn_completeness(revisions(60), priors(shares=(0.9, 0.5, 0.95, 1.0)), AS_OF)
    assert learned["known_share"].is_sorted()


def test_what_comes_after_the_morning_is_not_used() -> None:
    known = revisions(100)
    later = known.with_columns(pl.col("evening") + timedelta(days=200), n_known=pl.lit(0, pl.Int64))
    with_later = learn_completeness(pl.concat([known, later]), priors(), AS_OF)
    assert with_later.equals(learn_completeness(known, priors(), AS_OF))


def test_the_share_is_read_off_between_the_ages() -> None:
    learned = learn_completeness(revisions(0).cast(revisions(60).schema), priors(), AS_OF)
    learned = learned.with_columns(survival_share=pl.Series([0.9, 0.96, 0.98, 1.0]))
    filling = filling_at(learned, ["police"] * 5, np.array([0.0, 1.0, 2.0, 3.0, 60.0]))
    assert filling.survival.tolist() == pytest.approx([0.9, 0.9, 0.93, 0.96, 1.0])
    assert filling.known.tolist() == pytest.approx([0.0, 0.8, 0.85, 0.9, 1.0])
