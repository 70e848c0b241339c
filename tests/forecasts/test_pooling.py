"""The regression behind the shapes: summed in pieces, and pooled as far as the counts agree."""

import numpy as np
import pytest

from forecasts.curve import pooling

N_EVENINGS, N_CENTRES = 700, 8


def draw(own_sd: float) -> tuple[pooling.Counts, pooling.Design]:
    """Return counts of centres with two sources whose season differs from the area's by `own_sd` (log scale)."""
    random = np.random.default_rng(9)
    wave = np.sin(np.arange(N_EVENINGS) * 2 * np.pi / 365.25)[:, None]
    columns = np.hstack([np.ones((N_EVENINGS, 1)), wave])
    season = random.normal(0.0, own_sd, (N_CENTRES, 1, 1)) * wave[:, 0]
    counts = random.poisson(np.exp(np.log(3.0) + season + np.zeros((N_CENTRES, 2, 1)))).astype(np.float64)
    design = pooling.Design(
        columns, np.zeros((N_CENTRES, N_EVENINGS, 0)), np.array([0, 1]), np.array([1.0, 0.01])
    )
    flat = np.zeros(counts.shape)
    return pooling.Counts(counts, np.ones(counts.shape), flat, np.full((N_CENTRES, 2, 1), 0.02)), design


def test_sums_taken_in_pieces_are_the_same_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, design = draw(0.2)
    monkeypatch.setattr(pooling, "MAX_PRODUCTS", 10**9)
    whole = pooling.fit_shapes(counts, design)
    monkeypatch.setattr(pooling, "MAX_PRODUCTS", 150)
    pieces = pooling.fit_shapes(counts, design)
    assert pieces.coefficients == pytest.approx(whole.coefficients, abs=1e-9)


def test_centres_that_differ_are_let_go_and_centres_that_do_not_are_held_together() -> None:
    alike, differing = (pooling.fit_shapes(*draw(sd)) for sd in (0.0, 0.4))
    assert alike.shared_variance[1] < 0.01
    assert differing.shared_variance[1] == pytest.approx(0.16, rel=0.8)
    assert alike.coefficients[..., 1].std() < 0.05
