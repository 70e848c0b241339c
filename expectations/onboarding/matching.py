"""Which candidate plays which role: names, values and order together, each candidate once (the assignment problem)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from expectations.onboarding.candidates import Candidate
from expectations.onboarding.fits import GROUPS, REFERENCES, TIMES, Fit, fit_of
from expectations.onboarding.headers import drawn_off, is_changed_or_closed, score_of_role, score_of_time
from nte.area import Area, Source

OF_NAME, OF_VALUES, OF_ORDER = 0.65, 0.3, 0.05
"""What each counts for."""
LEAST_TOTAL, LEAST_FIT = 0.5, 0.25
SURE_NAME, SURE_OF_EMPTY, DRAWN = 0.88, 0.98, 0.85
NEAR_NAME: Final = 0.05
"""A rival whose name is no further behind makes a match unsure."""
SURE_FITS: Final = {
    "state": 0.5,
    "offence_code": 0.5,
    "district": 0.5,
    "location_group": 0.5,
    "method_group": 0.5,
}
SURE_FIT: Final = 0.9
KEY_SHARE, LEAST_KEYS = 0.98, 20
"""In so many rows a column of references that differ in nearly every one is the key."""
LEAST_CODES: Final = 3
"""A column without a telling name has the codes where it has so many of them, one with a letter in it at least."""


@dataclass(frozen=True)
class Match:
    """A candidate in a role."""

    role: str
    candidate: Candidate
    name: float
    """How sure its name is."""
    fit: Fit
    order: float
    is_told: bool = False
    """Somebody has said so."""
    doubt: str = ""
    """Why it is not sure; empty where it is."""

    @property
    def total(self) -> float:
        """Return how sure it is by name, values and order together."""
        return (
            OF_NAME * min(self.name, 1)
            + OF_VALUES * self.fit.share
            + OF_ORDER * self.order
            + max(self.name - 1, 0)
        )

    @property
    def confidence(self) -> float:
        """Return the same as people read it."""
        return 1.0 if self.is_told else min(self.total, 1.0)


def match_roles(
    roles: Mapping[str, str],
    candidates: Sequence[Candidate],
    source: Source,
    area: Area,
    told: Mapping[str, str],
) -> list[Match]:
    """Return the best match of each role that has one; `told` says which candidate somebody has named, '' for none.

    `roles` gives what the area file calls the column of each role now.
    """
    free = [c for c in candidates if c.name not in told.values()]
    open_roles = [role for role in roles if role not in told]
    grid = [
        [_match(role, c, n, roles, source, area) for c in free]
        for n, role in enumerate(roles)
        if role in open_roles
    ]
    chosen = _assign(grid)
    found = [_doubted(match, grid, chosen) for match in chosen]
    by_name = {c.name: c for c in candidates}
    said = [_told(r, by_name[c], source, area) for r, c in told.items() if c in by_name and r in roles]
    order = list(roles)
    return sorted([*found, *said], key=lambda match: order.index(match.role))


def _told(role: str, candidate: Candidate, source: Source, area: Area) -> Match:
    return Match(role, candidate, 1.0, fit_of(role, candidate, source, area), 1.0, is_told=True)


def _match(  # noqa: PLR0917  a cell of the matrix, and what it is judged by
    role: str, candidate: Candidate, at: int, roles: Mapping[str, str], source: Source, area: Area
) -> Match | None:
    """Return a match; None where the values do not fit, or the name is rather that of something else."""
    is_time = role in TIMES or role.startswith("time:")
    if is_time:
        name = score_of_named_time(candidate.label, role, roles, source)
    else:
        name = score_of_role(candidate.label, role, source.kind, roles[role], is_time=False)
    if max(drawn_off(candidate.label), is_changed_or_closed(candidate.label) if is_time else 0) >= max(
        DRAWN, name
    ):
        return None
    if role in REFERENCES and is_coordinate(candidate.label, source):
        return None
    fit = fit_of(role, candidate, source, area)
    if fit.share < LEAST_FIT and not (
        name >= SURE_NAME and (role == "state" or (role in GROUPS and fit.words and fit.words.read))
    ):
        return None
    return Match(role, candidate, name, fit, 1 - abs(at / max(len(roles) - 1, 1) - candidate.place))


def is_coordinate(name: str, source: Source) -> bool:
    """Say whether a column is named as a coordinate."""
    return any(
        score_of_role(name, role, source.kind, getattr(source.columns, role), is_time=False) >= SURE_NAME
        for role in ("x", "y")
    )


def score_of_named_time(name: str, role: str, roles: Mapping[str, str], source: Source) -> float:
    """Return how sure a name is that of a role of times."""
    if role.startswith("time:"):
        return score_of_time(name, role.removeprefix("time:"))
    return score_of_role(name, role, source.kind, roles[role], is_time=True)


def _assign(grid: Sequence[Sequence[Match | None]]) -> list[Match]:
    if not grid or not grid[0]:
        return []
    totals = np.array([[match.total if match else 0.0 for match in row] for row in grid])
    nobody = np.full((len(grid), len(grid)), LEAST_TOTAL)
    rows, columns = linear_sum_assignment(np.hstack([totals, nobody]), maximize=True)
    found = (grid[int(row)][int(at)] for row, at in zip(rows, columns, strict=True) if at < totals.shape[1])
    return [match for match in found if match]


def _doubted(match: Match, grid: Sequence[Sequence[Match | None]], chosen: Sequence[Match]) -> Match:
    """Return a match with the reason why it is not sure."""
    doubt = _doubt(
        match, [m for row in grid for m in row if m and m.role == match.role and m is not match], chosen
    )
    return Match(match.role, match.candidate, match.name, match.fit, match.order, doubt=doubt)


def _doubt(match: Match, others: Sequence[Match], chosen: Sequence[Match]) -> str:
    """Return why a match is not sure: others could be it, its values do not fit, or its name does not say so."""
    for is_beyond_doubt in (_has_the_codes, _is_the_key):
        if is_beyond_doubt(match) and not any(map(is_beyond_doubt, others)):
            return ""
    if match.name < SURE_NAME:
        return "its name does not say so"
    taken = {m.candidate.name for m in chosen if m is not match and m.name >= SURE_NAME}
    near = [
        m
        for m in others
        if m.candidate.name not in taken and m.name >= max(SURE_NAME, match.name - NEAR_NAME)
    ]
    return _misfit(match) or (f"{near[0].candidate.name} may be it as well" if near else "")


def _misfit(match: Match) -> str:
    """Return what of the values of a match does not fit; empty where they do."""
    if match.candidate.cells.is_empty():
        is_needless = match.name >= SURE_OF_EMPTY and match.role not in REFERENCES + TIMES
        return "" if is_needless else "it has no filled cell"
    if match.fit.share >= SURE_FITS.get(match.role, SURE_FIT):
        return ""
    if match.candidate.times and match.candidate.times.best.kind == "date":
        return "it holds dates without hours, which say no night"
    return f"only {match.fit.share:.0%} of its values fit"


def _has_the_codes(match: Match) -> bool:
    """Say whether the values of a match are those of the definitions beyond doubt."""
    if match.role != "offence_code" or match.fit.words is None or match.fit.share < SURE_FIT:
        return False
    known = set(match.fit.words.read.values())
    return len(known) >= LEAST_CODES and any(re.search("[A-Z]", code) for code in known)


def _is_the_key(match: Match) -> bool:
    """Say whether a match is filled and another in every row, as only keys are."""
    cells = match.candidate.cells
    is_whole = cells.len() == match.candidate.rows.len() and cells.n_unique() >= KEY_SHARE * cells.len()
    return (
        match.role == "record_id" and is_whole and match.fit.share >= SURE_FIT and cells.len() >= LEAST_KEYS
    )


def rank(
    role: str, candidates: Sequence[Candidate], roles: Mapping[str, str], source: Source, area: Area
) -> list[str]:
    """Return the names of the candidates that may play a role, the likeliest first."""
    found = [_match(role, c, list(roles).index(role), roles, source, area) for c in candidates]
    likely = sorted((m for m in found if m), key=lambda m: -m.total)
    return [m.candidate.name for m in likely]
