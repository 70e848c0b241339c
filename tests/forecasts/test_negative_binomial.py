"""The distribution behind every band."""

import numpy as np
import pytest
from scipy.stats import binom, nbinom

from nte import negative_binomial as nb

MEANS = np.array([1e-9, 0.01, 0.3, 1.0, 2.5, 12.0, 60.0])
SIZES = np.array([0.5, 5.0, 20.0, 1e6])


@pytest.mark.parametrize("size", SIZES)
def test_tail_probabilities_agree_with_scipy(size: float) -> None:
    for count in range(12):
        ours = nb.tail_probability(count, MEANS, size)
        assert ours == pytest.approx(nbinom.sf(count - 1, size, size / (size + MEANS)), rel=1e-7)


@pytest.mark.parametrize("level", [0.05, 0.01, 1e-3, 1e-9])
def test_the_limit_is_the_smallest_count_that_keeps_the_level(level: float) -> None:
    for size in SIZES:
        limit = nb.limit(level, MEANS, size)
        assert (nb.tail_probability(limit + 1, MEANS, size) <= level).all()
        above_nought = limit > 0
        assert (nb.tail_probability(limit, MEANS, size)[above_nought] > level).all()


def test_a_count_known_in_part_keeps_its_size() -> None:
    mean, size, share = 3.0, 8.0, 0.4
    counts = np.arange(200)
    full = nb.probability(counts, mean, size)
    for known in range(6):
        thinned = float((full * binom.pmf(known, counts, share)).sum())
        assert nb.probability(known, nb.thin(mean, share), size) == pytest.approx(thinned, rel=1e-7)


def test_an_uncertain_mean_widens_the_distribution_by_the_right_variance() -> None:
    mean, size, log_variance = 4.0, 10.0, 0.09
    widened = nb.size_with_uncertain_mean(size, log_variance)
    spread = np.expm1(log_variance)
    variance = mean + mean**2 * (1 + spread) / size + mean**2 * spread
    assert mean + mean**2 / widened == pytest.approx(variance)


def test_sizes_stay_finite() -> None:
    assert nb.size_with_uncertain_mean(1e12, 0.0) == nb.MAX_SIZE
