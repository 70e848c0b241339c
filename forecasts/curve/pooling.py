"""Shapes that are shared as far as the counts agree: a regression whose pooling is learned from the data.

Every group (a centre, or the whole area) has members (its sources). Each member's log shape is the sum of what
its group shares and what is its own; both are drawn towards nought with a strength per block of columns (week,
season, events …) that is estimated over all groups. Where centres really differ the pull weakens by itself; a
sparse series follows its group, a sparse group follows the area.
"""

from dataclasses import dataclass

import numpy as np

from forecasts.curve.panel import Floats, Ints

INTERCEPT_VARIANCE = 4.0
"""A member's own level is left practically free."""
N_SCORING_STEPS = 3
N_VARIANCE_STEPS = 8
MIN_VARIANCE = 1e-5
MAX_LOG_SHAPE = 5.0
"""A shape may move a level by e^5 at most, so that no step of the fit can run away."""
MAX_PRODUCTS = 200_000
"""Products of one matrix product up to which it is done on one core."""
PRIOR_GROUPS = 2.0
"""Weight of the starting variance, in groups: with one group alone (the area) data cannot tell the spread."""


@dataclass(frozen=True)
class Design:
    """The columns of the regression: those that all groups have alike, and those that differ by group."""

    columns: Floats
    """evening × column; the first column is the intercept."""
    local_columns: Floats
    """group × evening × column, appended on the right."""
    block_of: Ints
    """Block number of every column, local ones included; the intercept's is 0."""
    prior_variance: Floats
    """Starting variance of every block on the log scale."""

    def of_group(self, group: int) -> Floats:
        """Return evening × column of one group."""
        return np.hstack([self.columns, self.local_columns[group]])


@dataclass(frozen=True)
class Counts:
    """Counts of groups and members with the expectation so far: all group × member × evening."""

    counts: Floats
    weight: Floats
    """0 unknown; 1 counts in full; below 1 for older nights."""
    offset: Floats
    """Log of the expectation without the shapes, completeness included."""
    inverse_size: Floats
    """Dispersion, group × member × 1."""


@dataclass(frozen=True)
class Shapes:
    """The fitted shapes: group × member × column, and how uncertain they are."""

    coefficients: Floats
    covariance: Floats
    """group × member × column × column."""
    shared_variance: Floats
    own_variance: Floats

    def log_shape(self, design: Design) -> Floats:
        """Return the log shape of every evening: group × member × evening."""
        n_groups = len(self.coefficients)
        shapes = [self.coefficients[g] @ design.of_group(g).T for g in range(n_groups)]
        return np.asarray(np.clip(np.stack(shapes), -MAX_LOG_SHAPE, MAX_LOG_SHAPE))

    def log_variance(self, design: Design, evenings: Ints) -> Floats:
        """Return the variance of the log shape on some evenings; the level's own uncertainty is not in it."""
        slices = []
        for group, covariance in enumerate(self.covariance):
            rows = design.of_group(group)[evenings, 1:]
            slices.append(np.einsum("tp,spq,tq->st", rows, covariance[:, 1:, 1:], rows, optimize=True))
        return np.stack(slices)


def fit_shapes(counts: Counts, design: Design) -> Shapes:
    """Return the shapes that explain the counts around their offset, with the pooling learned on the way."""
    n_groups, n_members, _ = counts.counts.shape
    n_columns = len(design.block_of)
    coefficients = np.zeros((n_groups, n_members, n_columns))
    coefficients[..., 0] = _first_intercepts(counts)
    shared, own = design.prior_variance.copy(), design.prior_variance.copy() / 2
    for step in range(N_SCORING_STEPS):
        information, score = _information(counts, design, coefficients)
        # The first linearisation is too rough to learn the pooling from: it only warms up.
        n_steps = N_VARIANCE_STEPS if step else 2
        coefficients, covariance, shared, own = _settle(
            information, score, design, (shared, own), n_steps=n_steps
        )
    return Shapes(coefficients, covariance, shared, own)


def _first_intercepts(counts: Counts) -> Floats:
    expected = (counts.weight * np.exp(counts.offset)).sum(axis=-1)
    return np.asarray(np.log(((counts.weight * counts.counts).sum(axis=-1) + 0.5) / (expected + 0.5)))


def _information(counts: Counts, design: Design, coefficients: Floats) -> tuple[Floats, Floats]:
    """Return the information matrix and the working right-hand side of every member."""
    information, score = [], []
    for group in range(len(coefficients)):
        columns = design.of_group(group)
        shape = np.clip(coefficients[group] @ columns.T, -MAX_LOG_SHAPE, MAX_LOG_SHAPE)
        mean = np.exp(counts.offset[group] + shape)
        damping = counts.weight[group] / (1.0 + mean * counts.inverse_size[group])
        matrix = _weighted_products(columns, damping * mean)
        residual = (damping * (counts.counts[group] - mean)) @ columns
        information.append(matrix)
        score.append(residual + np.einsum("spq,sq->sp", matrix, coefficients[group]))
    return np.stack(information), np.stack(score)


def _weighted_products(columns: Floats, weight: Floats) -> Floats:
    """Return the sum over evenings of weight × column × column: member × column × column.

    In pieces small enough to stay on one core: on matrices of this size a second one costs more than it saves.
    """
    n_evenings, n_columns = columns.shape
    n_rows = max(MAX_PRODUCTS // n_columns**2, 1)
    pieces = [
        (weight[:, None, start : start + n_rows] * columns[start : start + n_rows].T)
        @ columns[start : start + n_rows]
        for start in range(0, n_evenings, n_rows)
    ]
    return np.asarray(sum(pieces))


def _settle(
    information: Floats, score: Floats, design: Design, variances: tuple[Floats, Floats], *, n_steps: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Alternate between coefficients and pooling strengths (expectation-maximisation on the linearised fit)."""
    shared, own = variances
    for _ in range(n_steps):
        solution = _solve(information, score, design, shared, own)
        shared = _learn(solution.shared, solution.shared_variances, design)
        own = _learn(solution.own, solution.own_variances(), design)
    solution = _solve(information, score, design, shared, own)
    return solution.shared[:, None] + solution.own, solution.covariance(), shared, own


@dataclass(frozen=True)
class _Solution:
    """What a group shares (group × column) and what is its members' own (group × member × column)."""

    shared: Floats
    own: Floats
    shared_covariance: Floats
    own_inverse: Floats
    """Covariance of the own part, were the shared one known."""
    gain: Floats
    """Part of the shared shape that a member's own counts take back."""

    @property
    def shared_variances(self) -> Floats:
        return np.diagonal(self.shared_covariance, axis1=-2, axis2=-1)

    def own_variances(self) -> Floats:
        carried = np.einsum("gspq,gspq->gsp", self.gain @ self.shared_covariance[:, None], self.gain)
        return np.asarray(np.diagonal(self.own_inverse, axis1=-2, axis2=-1) + carried)

    def covariance(self) -> Floats:
        """Return the covariance of both parts together: group × member × column × column."""
        rest = np.eye(self.gain.shape[-1]) - self.gain
        return np.asarray(
            self.own_inverse + rest @ self.shared_covariance[:, None] @ np.swapaxes(rest, -1, -2)
        )


def _solve(information: Floats, score: Floats, design: Design, shared: Floats, own: Floats) -> _Solution:
    """Solve the two-level ridge."""
    shared_pull, own_pull = 1.0 / shared[design.block_of], 1.0 / own[design.block_of]
    shared_pull[0], own_pull[0] = 1e8, 1.0 / INTERCEPT_VARIANCE
    own_inverse = np.asarray(np.linalg.inv(information + np.diag(own_pull)), dtype=np.float64)
    gain = own_inverse @ information
    # What the own parts leave to the shared one: information - information @ gain, without the loss of digits.
    left = own_pull[:, None] * gain
    right = score - (np.swapaxes(gain, -1, -2) @ score[..., None])[..., 0]
    shared_covariance = np.linalg.inv(left.sum(axis=1) + np.diag(shared_pull))
    shared_part = np.einsum("gpq,gq->gp", shared_covariance, right.sum(axis=1))
    own_part = np.asarray((own_inverse @ score[..., None])[..., 0])
    own_part = own_part - np.einsum("gspq,gq->gsp", gain, shared_part)
    return _Solution(shared_part, own_part, shared_covariance, own_inverse, gain)


def _learn(part: Floats, variance: Floats, design: Design) -> Floats:
    """Return the variance of every block: mean square of its coefficients, their uncertainty included."""
    square = (part**2 + variance).reshape(-1, part.shape[-1])
    learned = design.prior_variance.copy()
    for block in range(1, len(learned)):
        of_block = design.block_of == block
        if of_block.any():
            n_groups = len(square)
            mean = square[:, of_block].mean()
            learned[block] = (n_groups * mean + PRIOR_GROUPS * learned[block]) / (n_groups + PRIOR_GROUPS)
    return np.maximum(learned, MIN_VARIANCE)
