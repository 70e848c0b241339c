"""Questions that are told by month."""

from collections import defaultdict

from tests.oracle_answers.counted import (
    DAYS,
    NEWEST,
    OFFENCES,
    Answers,
    Counted,
    Key,
    of_month,
    of_police,
    share,
)
from tests.oracle_facts import BOARD, Deliveries, middle, tally


def robbery(said: Deliveries) -> Counted:
    robbed = [fact for fact in of_police(said, (NEWEST,)) if fact.group.startswith("robbery")]
    sums = tally(robbed, lambda f: (f.month, f.group))
    rows = {key: (n[OFFENCES], *of_month(said, key[0])) for key, n in sums.items()}
    return Counted(("month", "offence_group"), ("n_offences", *DAYS), rows)


def series(said: Deliveries) -> Counted:
    sums = tally(of_police(said), lambda f: (f.month, f.definition))
    rows: dict[Key, Key] = {}
    for month in said.months_reached():
        n_days, n_covered = of_month(said, month)
        for definition in BOARD:
            incidents, offences, victims = sums[month, definition]
            counts = (offences, incidents, victims) if n_covered else (None, None, None)
            rows[month, definition] = *counts, n_days, n_covered
    return Counted(("month", "definition"), ("n_offences", "n_occurrences", "n_victims", *DAYS), rows)


def wider(said: Deliveries) -> Counted:
    sums = tally(of_police(said), lambda f: (f.month, f.definition))
    harmed = tally((f for f in of_police(said) if f.group == "abh"), lambda f: (f.month, f.definition))
    rows = {}
    for key, n in sums.items():
        n_abh = harmed[key][OFFENCES]
        rows[key] = n[OFFENCES], n_abh, share(n_abh, n[OFFENCES]), *of_month(said, key[0])
    return Counted(("month", "definition"), ("n_offences", "n_abh", "abh_share", *DAYS), rows)


def completeness(said: Deliveries) -> Counted:
    cards = defaultdict(list)
    for visit in said.visits:
        cards[visit.month, visit.site].append(visit)
    rows: dict[Key, Key] = {
        key: (
            len(card), sum(v.has_time for v in card) / len(card), sum(v.is_exact for v in card) / len(card),
            sum(v.place != "none" for v in card) / len(card), sum(v.place == "centre" for v in card) / len(card),
            sum(v.place == "elsewhere" for v in card) / len(card),
            sum(v.place in ("none", "unmatched") for v in card) / len(card),
            sum(v.method != "unknown" for v in card) / len(card),
            sum(v.method not in ("unknown", "other") for v in card) / len(card), middle(v.lag_days for v in card),
        )
        for key, card in cards.items()
    }  # fmt: skip
    values = (
        "n_attendances", "time_stated_share", "time_exact_share", "place_written_share", "place_in_centre_share",
        "place_elsewhere_share", "place_unknown_share", "method_stated_share", "method_specific_share", "median_lag_days",
    )  # fmt: skip
    return Counted(("month", "site_code"), values, rows)


ANSWERS: Answers = {
    "robbery-business-and-personal": robbery,
    "monthly-series-with-recording-changes": series,
    "what-adding-abh-does": wider,
    "istv-completeness": completeness,
}
