"""When is something said? One line a case, to be checked by somebody who never read the code.

A night is written as its sources see it: `14!!` far above, `10!` above, `6` as expected, `?` not known;
`7@40` has a chance of 40 in 100 to end above its limit. Then how much is usually known by now: young (half), settled
(over 90 %), complete. Nights without a chance are of the rule before.
"""

from datetime import date

import pytest

from alerts.deciding.as_told import as_told
from alerts.deciding.decisions import Circumstances, Said, decide
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.english import say_chance
from nte.words import Detector, Reason, Verdict

NIGHT = date(2026, 3, 28)
SHARES = {"young": 0.55, "settled": 0.92, "complete": 1.0}
DELTA = 0.1
SOURCES = ("police", "emas", "ae")
NOBODY, SILENCED, ACTING, SPOKEN_FOR = (
    Circumstances(),
    Circumstances(is_silenced=True),
    Circumstances(is_acknowledged=True),
    Circumstances(is_grouped=True),
)


def view(source: str, text: str, share: float) -> SourceFacts:
    """Return '14!!' as one source's view."""
    if text == "?":
        return SourceFacts(source=source, verdict=Verdict.UNKNOWN)
    verdict = {0: Verdict.WITHIN, 1: Verdict.ABOVE, 2: Verdict.FAR_ABOVE}[text.count("!")]
    count, _, chance = text.replace("!", "").partition("@")
    return SourceFacts(
        source=source,
        verdict=verdict,
        n_incidents=int(count),
        known_share=share,
        stands_chance=int(chance) / 100 if chance else None,
    )


def night(text: str) -> AlertFacts:
    """Return 'police ambulance A&E, age' as the facts of an alert."""
    *views, age = text.replace(",", "").split()
    sources = tuple(view(s, v, SHARES[age]) for s, v in zip(SOURCES, views, strict=False))
    seen = NightFacts(evening=NIGHT, centre_code="derby", sources=sources)
    return AlertFacts(
        detector=Detector.NIGHT,
        definition="nte-violence",
        centre_code="derby",
        first_evening=NIGHT,
        last_evening=NIGHT,
        level=seen.level,
        nights=(seen,),
        is_settled=age != "young",
        is_complete=age == "complete",
        stands_chance=max((s.stands_chance for s in sources if s.stands_chance is not None), default=None),
    )


def told(text: str) -> Said | None:
    """Return what people were told: 'reason: night', or None for nothing."""
    if not text:
        return None
    reason, seen = text.split(":")
    return Said(night(seen), Reason(reason))


CASES = [
    # people were told             this morning        asked for    decision                   because
    ("",                           "6 2 3, young",     NOBODY,     None),                    # nothing to tell
    ("",                           "? ? ?, young",     NOBODY,     None),                    # unknown is no alert
    ("",                           "10! 2 3, young",   NOBODY,     Reason.FIRST),
    ("",                           "14!! ? ?, young",  NOBODY,     Reason.FIRST),            # one source is enough
    ("",                           "6 2 9!, complete", NOBODY,     Reason.FIRST),            # late, but new
    ("",                           "10! 2 3, young",   SILENCED,   Reason.SILENCED),
    ("",                           "10! 2 3, young",   SPOKEN_FOR, Reason.GROUPED),
    ("first: 10! 2 3, young",      "10! 2 3, young",   NOBODY,     Reason.UNCHANGED),
    ("first: 10! 2 3, young",      "10! 5 4, young",   NOBODY,     Reason.UNCHANGED),        # still as expected
    ("first: 10! 2 3, young",      "11! 2 3, young",   NOBODY,     Reason.ROSE),             # a late record
    ("first: 10! 2 3, young",      "16!! 2 3, young",  NOBODY,     Reason.ROSE),
    ("first: 10! 2 3, young",      "10! 9! 3, young",  NOBODY,     Reason.ROSE),             # another source
    ("first: 14!! 2 3, young",     "13!! 2 3, young",  NOBODY,     Reason.FELL),             # a record withdrawn
    ("first: 14!! 2 3, young",     "12! 2 3, young",   NOBODY,     Reason.FELL),
    ("first: 14!! 2 3, young",     "14! 2 3, young",   NOBODY,     Reason.NOT_YET_COMPLETE), # only older
    ("first: 14!! 2 3, young",     "14! 2 3, settled", NOBODY,     Reason.FELL),
    ("first: 14!! 2 ?, young",     "14!! 2 3, young",  NOBODY,     Reason.FILLED),           # A&E came in
    ("first: 7! 2 3, young",       "7 2 3, young",     NOBODY,     Reason.NOT_YET_COMPLETE), # wait
    ("first: 7! 2 3, young",       "7 2 3, settled",   NOBODY,     Reason.WITHDRAWN),
    ("first: 10! 2 3, young",      "6 2 3, young",     NOBODY,     Reason.WITHDRAWN),        # records went
    ("first: 10! 2 3, young",      "? ? ?, young",     NOBODY,     Reason.FRESH),            # no all-clear; said so
    ("first: 10!@99 2@1 3@1, young", "? 2@1 3@1, young", NOBODY,   Reason.FRESH),            # nor of one source
    ("withdrawn: 7@8 2 3, young",  "? ? ?, young",     NOBODY,     Reason.NOT_KNOWN),
    ("first: 10!@80 2@1 7@60, young", "10@30 2@1 7@60, young", NOBODY, Reason.DOUBTFUL),     # its own chance, no other
    ("first: 10!@80 2@1 7@60, young", "10@8 2@1 7@60, young", NOBODY, Reason.WITHDRAWN),
    ("first: 10! 2 3, young",      "10@8 2@1 3@1, young", NOBODY,  Reason.NOT_YET_COMPLETE), # told by the rule before
    ("first: 10! 2 3, young",      "10! 2 3, complete", NOBODY,    Reason.COMPLETED),
    ("completed: 10! 2 3, complete", "10! 2 3, complete", NOBODY,  Reason.UNCHANGED),
    ("completed: 10! 2 3, complete", "11! 2 3, complete", NOBODY,  Reason.UNCHANGED),        # closed: levels only
    ("completed: 10! 2 3, complete", "16!! 2 3, complete", NOBODY, Reason.ROSE),
    ("completed: 10! 2 3, complete", "6 2 3, complete", NOBODY,    Reason.WITHDRAWN),
    ("withdrawn: 6 2 3, settled",  "6 2 3, settled",   NOBODY,     Reason.UNCHANGED),
    ("withdrawn: 6 2 3, settled",  "10! 2 3, settled", NOBODY,     Reason.ROSE),             # above again
    ("first: 10! 2 3, young",      "11! 2 3, young",   ACTING,     Reason.ACKNOWLEDGED),
    ("first: 10! 2 3, young",      "16!! 2 3, young",  ACTING,     Reason.ROSE),             # graver: said
    ("first: 10! 2 3, young",      "6 2 3, young",     ACTING,     Reason.WITHDRAWN),
    ("first: 10! 2 3, young",      "16!! 2 3, young",  SILENCED,   Reason.ROSE),             # far above goes through
    ("first: 14!! 2 3, young",     "16!! 2 3, young",  SILENCED,   Reason.SILENCED),         # and is said once
    ("",                           "14!! 2 3, young",  SILENCED,   Reason.FIRST),
    ("first: 10! 2 3, young",      "6 2 3, young",     SILENCED,   Reason.WITHDRAWN),        # nobody believes it on
    ("",                           "7@40 2 3, young",  NOBODY,     None),                    # filling high: no alert
    ("",                           "7!@80 2 3, young", NOBODY,     Reason.FIRST),
    ("first: 7!@80 2 3, young",    "7!@80 2 3, young", NOBODY,     Reason.UNCHANGED),
    ("first: 7!@80 2 3, young",    "7@60 2 3, young",  NOBODY,     Reason.FRESH),            # nothing flips
    ("first: 7!@80 2 3, young",    "7!@80 2 4, young", NOBODY,     Reason.FRESH),            # a number in the message
    ("first: 7!@80 2 3, young",    "7@40 2 3, young",  NOBODY,     Reason.DOUBTFUL),
    ("first: 7!@80 2 3, young",    "7@40 2 3, settled", NOBODY,    Reason.DOUBTFUL),         # settled is no reason
    ("doubtful: 7!@40 2 3, young", "7@40 2 3, young",  NOBODY,     Reason.UNCHANGED),        # said once
    ("doubtful: 7!@40 2 3, young", "7@30 2 3, young",  NOBODY,     Reason.FRESH),
    ("doubtful: 7!@40 2 3, young", "7!@80 2 3, young", NOBODY,     Reason.FIRM),
    ("fresh: 7!@30 2 3, young",    "7@8 2 3, young",   NOBODY,     Reason.WITHDRAWN),        # hardly any chance left
    ("first: 8!@80 2 3, young",    "7@60 2 3, young",  NOBODY,     Reason.WITHDRAWN),        # a record has gone
    ("first: 8!@90 2 3, young",    "7!@80 2 3, young", NOBODY,     Reason.FELL),             # and it still stands
    ("withdrawn: 7@8 2 3, young",  "7@9 2 3, young",   NOBODY,     Reason.UNCHANGED),
    ("first: 7!@80 9!@90 3, young", "7!@80 9@50 3, young", NOBODY, Reason.FRESH),            # two sources agree still
    ("first: 14!!@99 2 3, young",  "14!@99 3 3, young", NOBODY,    Reason.FRESH),            # far above until settled
    ("first: 14!!@99 2 3, young",  "14!@99 2 3, settled", NOBODY,  Reason.FELL),
    ("first: 7!@80 2 3, young",    "7@40 2 3, young",  SILENCED,   Reason.SILENCED),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "around", "decision"), CASES)
def test_the_decision_table(before: str, now: str, around: Circumstances, decision: Reason | None) -> None:
    said = told(before)
    assert decide(as_told(night(now), said, DELTA), said, around) is decision


def test_the_last_known_count_of_a_source_that_cannot_be_judged_any_more_stays() -> None:
    said = told("first: 10!@99 2@1 3@1, young")
    facts = as_told(night("? 2@1 3@1, complete"), said, DELTA)
    view = facts.nights[0].sources[0]
    assert (view.n_incidents, view.verdict, view.why_unknown) == (10, Verdict.ABOVE, "too_early")
    assert facts.stands_chance == 0.99
    assert not facts.is_complete
    assert said is not None
    again = Said(facts, Reason.FRESH)
    assert decide(as_told(night("? 2@1 3@1, complete"), again, DELTA), again, NOBODY) is Reason.UNCHANGED
    back = as_told(night("10!@99 2@1 3@1, young"), again, DELTA)
    assert back.nights[0].sources[0].why_unknown is None


@pytest.mark.parametrize(("limit", "is_complete"), [(9, True), (10, False)])
def test_an_alert_is_complete_once_its_count_has_passed_its_limit(limit: int, is_complete: bool) -> None:
    said = told("first: 10!@80 2@1 3@1, young")
    facts = night("10@21 2@1 3@1, complete")
    police = facts.nights[0].sources[0].model_copy(update={"alert_limit": limit})
    seen = facts.nights[0].model_copy(update={"sources": (police, *facts.nights[0].sources[1:])})
    assert as_told(facts.model_copy(update={"nights": (seen,)}), said, DELTA).is_complete is is_complete


def test_many_town_centres_stand_as_surely_as_the_least_likely_of_them() -> None:
    nights = [
        night(f"10!@{chance} 2@1, young").nights[0].model_copy(update={"centre_code": f"c{chance}"})
        for chance in (99, 76, 80)
    ]
    many = night("10!@99 2@1, young").model_copy(
        update={"detector": Detector.MANY_CENTRES, "centre_code": "everywhere", "nights": tuple(nights)}
    )
    assert as_told(many, None, DELTA).stands_chance == 0.76


def test_how_unusual_a_count_is_does_not_change_while_neither_it_nor_its_limit_does() -> None:
    said = told("first: 7!@80 2@1 3@1, young")
    assert said is not None
    rare = said.facts.nights[0].sources[0].model_copy(update={"p_value": 0.001})
    seen = said.facts.nights[0].model_copy(update={"sources": (rare, *said.facts.nights[0].sources[1:])})
    said = Said(said.facts.model_copy(update={"nights": (seen,)}), Reason.FIRST)
    assert as_told(night("7@60 2@1 3@1, young"), said, DELTA).nights[0].sources[0].p_value == 0.001


def test_every_reason_says_what_it_means() -> None:
    assert all(reason.meaning for reason in Reason)


def test_which_reasons_reach_people() -> None:
    edits = {Reason.FIRST, Reason.FILLED, Reason.FRESH, Reason.COMPLETED}
    replies = {Reason.ROSE, Reason.FELL, Reason.DOUBTFUL, Reason.FIRM, Reason.WITHDRAWN}
    assert {reason for reason in Reason if reason.is_said} == edits | replies
    assert {reason for reason in Reason if reason.is_revision} == replies


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (1.0, "will almost certainly stand (99 in 100)"),
        (0.976, "will almost certainly stand (98 in 100)"),
        (0.91, "will very likely stand (9 in 10)"),
        (0.7, "is more likely to stand than not (7 in 10)"),
        (0.49, "may or may not stand (5 in 10)"),
        (0.4, "will probably not stand (4 in 10)"),
        (0.1, "is very unlikely to stand (1 in 10)"),
        (0.02, "will almost certainly not stand (2 in 100)"),
        (0.0, "will almost certainly not stand (less than 1 in 100)"),
    ],
)
def test_a_chance_is_said_in_words_and_in_a_number(chance: float, said: str) -> None:
    assert say_chance(chance) == said
