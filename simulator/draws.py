"""Chance: streams of random numbers that depend on seed and name alone, and labels drawn from shares."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the stream of a name: what one part draws never depends on how much another drew."""
    return np.random.default_rng([seed, crc32(name.encode())])


def draw_indices(rng: np.random.Generator, weights: Sequence[float] | Floats, n: int) -> Ints:
    """Return `n` positions in `weights`, each as likely as its weight says."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
    return found.clip(max=len(edges) - 1).astype(np.int64)


def draw_labels(rng: np.random.Generator, shares: Mapping[str, float], n: int) -> Texts:
    """Return `n` labels, each as likely as its share says."""
    labels = np.array(list(shares), dtype=np.str_)
    return labels[draw_indices(rng, list(shares.values()), n)]


def gamma_factors(rng: np.random.Generator, spread: float, shape: tuple[int, ...]) -> Floats:
    """Return positive factors of mean 1 whose squared coefficient of variation is `spread`."""
    return rng.gamma(1 / spread, spread, shape)


def to_frame(columns: Mapping[str, npt.NDArray[Any]]) -> pl.DataFrame:
    """Return arrays as a frame; times of any unit as microseconds, dates included."""
    return pl.DataFrame(
        {
            name: values.astype("datetime64[us]") if values.dtype.kind == "M" else values
            for name, values in columns.items()
        }
    )
