"""The scatter of a series is its own where its counts say so, and its source's where they are few."""

import numpy as np
import pytest

from forecasts.curve import spread

N_NIGHTS = 1500


def learned(inverse_size: list[float], mean: list[float], mean_variance: float = 0.0) -> list[float]:
    """Return what is learned of series of one source from counts drawn with a true 1/size."""
    random = np.random.default_rng(11)
    size, mu = 1.0 / np.array(inverse_size)[:, None], np.array(mean)[:, None]
    night = np.ones((len(mean), N_NIGHTS)) * mu
    if mean_variance:
        night = night * np.exp(random.normal(0.0, np.sqrt(mean_variance), night.shape))
    counts = random.negative_binomial(size, size / (size + night)).astype(np.float64)[:, None]
    expected = np.broadcast_to(mu[:, None], counts.shape)
    variance = np.full((1, 1, N_NIGHTS), mean_variance)
    return list(spread.inverse_sizes(counts, expected, np.ones(counts.shape), variance)[:, 0, 0])


def test_series_of_one_source_keep_their_own_scatter() -> None:
    quiet, usual, wild = learned([0.01, 0.1, 0.5], [6.0, 6.0, 6.0])
    assert quiet < 0.03
    assert usual == pytest.approx(0.1, rel=0.4)
    assert wild == pytest.approx(0.5, rel=0.3)


@pytest.mark.parametrize("true", [0.35, 0.6, 1.1, 1.9])
def test_strong_scatter_is_learned_wherever_it_lies(true: float) -> None:
    """Not only at the steps of a ladder, and not only up to its end."""
    assert np.mean(learned([true] * 8, [8.0] * 8)) == pytest.approx(true, rel=0.08)


def test_what_is_tried_in_steps_is_as_good_as_what_lies_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = learned([0.03, 0.2, 0.7], [2.0, 0.3, 6.0])
    monkeypatch.setattr(spread, "TRIED", spread.LADDER)
    assert quick == pytest.approx(learned([0.03, 0.2, 0.7], [2.0, 0.3, 6.0]), rel=0.01)


def test_a_sparse_series_takes_the_scatter_of_its_source() -> None:
    low = learned([0.02] * 7, [6.0] * 6 + [0.05])[-1]
    high = learned([0.4] * 7, [6.0] * 6 + [0.05])[-1]
    assert low < 0.06
    assert high > 0.2


def test_what_the_uncertain_mean_explains_is_not_charged_to_scatter() -> None:
    told = learned([0.02] * 6, [8.0] * 6, mean_variance=0.1)
    assert np.mean(told) < 0.05


def test_a_surge_that_is_left_out_does_not_widen_the_band() -> None:
    random = np.random.default_rng(4)
    counts = random.poisson(3.0, (1, 1, N_NIGHTS)).astype(np.float64)
    counts[..., ::50] = 15.0
    mean, ordinary = np.full(counts.shape, 3.0), np.ones(counts.shape)
    ordinary[..., ::50] = 0.0
    with_surges = spread.inverse_sizes(counts, mean, np.ones(counts.shape), np.zeros((1, 1, 1)))
    without = spread.inverse_sizes(counts, mean, ordinary, np.zeros((1, 1, 1)))
    assert without[0, 0, 0] < 0.5 * with_surges[0, 0, 0]
