"""The sentences that the attacker knows, each as a pattern with the name of what it tells him; a new one is taught here.

The first that fits is taken, from left to right. "nothing" is what tells nothing of a count: a day, a share that is in, an
expectation. What no pattern knows ends loudly in `context.py` when it holds a number.
"""

import re
from collections.abc import Sequence
from functools import cache

Found = re.Match[str]
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = "|".join(MONTHS)
WEEKDAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
DAY = rf"{WEEKDAY} \d+ (?:{MONTH})"
SHORT_DAY = rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ (?:{'|'.join(month[:3] for month in MONTHS)})(?!\w)"
SPAN = rf"\d+(?: (?:{MONTH}))? to \d+ (?:{MONTH})"
USUAL = r"(?:about \d+|fewer than 1)"
EVER = r"(?:about one such night in \d+ (?:weeks|months|years)|rarer than one such night in \d+ years)"
TIMES = r"(?:about \d+ times|about twice|about one and a half times|more than \d+ times) the usual"
COUNT = r"(?P<n>fewer than \d+|\d+|not known)"
ONE_COUNT = r"(?:fewer than \d+|\d+|not known)"
NIGHTS = (
    rf"{ONE_COUNT} on each night|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?{ONE_COUNT}(?:, (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?"
    rf"{ONE_COUNT})+"
)
"""The counts of a weekend's nights, in order."""
SINCE = (
    rf"(?:{{titles}}) (?:\d+(?: so far)? \((?:about \d+ % is in, )?usually {USUAL}(?: in the end)?(?:, \d+ not known)?\)|"
    r"fewer than \d+ on some nights, so no total is shown|not known)"
)
"""What a source counted in the nights after an alert."""
OTHER_NIGHTS = rf"the (?:same )?(?:{WEEKDAY}|(?:\d+ )?weekends?) (?:before|last year)"
SIGNS = "🟢🟡🟠🔴⚪"
TELLING = {"fewer", "rarer", "rare", "unusual", "times", "twice", "likely", "far", "doubtful"}
"""Words that speak of a count without a number: they too must be part of a sentence that is known."""


def sentences(places: Sequence[str], titles: Sequence[str]) -> list[tuple[str, str]]:
    """Return what each sentence tells, and its pattern; `titles` of sources also as they stand within a sentence."""
    place, one = _either(places), _either(titles)
    many = rf"(?:(?:{one})(?: \({TIMES}\))?(?:, | and )?)+"
    title, lot = rf"(?P<title>{one})", rf"(?P<list>{many})"
    return [
        # of the message itself, and of how much is in
        ("nothing", rf"As known on {DAY}, \d\d:\d\d"),
        ("nothing", rf"Confirmed or withdrawn by {DAY}"),
        ("nothing", rf"Usually known by now: (?:(?:{one}) about \d+ %(?:, )?)+ of the final count"),
        ("nothing", rf"Usually in by now, last night to first: (?:(?:{one}) \d+(?: to \d+)? %(?:, )?)+"),
        ("nothing", r"about \d+ % is in, so more (?:will|may) come"),
        ("nothing", r"\d+ more alerts? this morning|[Aa]nd \d+ (?:more|in other districts)|Named in one line before, now withdrawn"),
        # of all nights, or of chance
        ("nothing", rf"Nights of a town centre that could be judged: (?:(?:{one}) \d+ of \d+(?:, )?)+"),
        ("nothing", r"How unusual: (?:in the whole area chance alone brings|by chance alone) [^.]*"),
        ("nothing", r"How unusual, for this town centre"),
        ("nothing", r"An alert comes when a night will very likely end above its alert limit"),
        ("nothing", r"Seldom: at most one such night in \d+"),
        ("nothing", rf"What would have been noticed in 8 of 10 cases: (?:{one}) at "
                    rf"(?:\d+\.\d(?: times the usual)? in (?:{place})(?:, )?)+"),
        ("nothing", r"far fewer incidents than expected|It is the second such night|[Ss]o far"),
        ("nothing", rf"\d+ nights? above what was expected|"
                    rf"\d+ town centres above what was expected on (?:{WEEKDAY}|one night or more)"),
        ("nothing", r"\d+ more town centres?: (?:nothing above(?: in what may be said)?|\d+ above, named at the top)"
                    r"(?: and \d+ not known on some night)?"),
        ("since", rf"The (?:(?P<nights>\d+) nights|night) since: (?P<totals>(?:(?:{SINCE.format(titles=one)})(?:; )?)+)"),
        ("nothing", rf"(?:\d+ alerts?|No alert) in (?:{MONTH})\..*"),
        ("nothing", r"How the bands have done in the whole area.*"),
        # why it comes late, and other nights
        ("arrived", rf"Why only on (?P<day>{DAY}): the (?P<new>\d+)(?:st|nd|rd|th) {title} record came in that morning"),
        ("arrived", rf"Why only on (?P<day>{DAY}): \d+ late {title} records came in "
                    rf"\((?P<old>\d+) → (?P<new>\d+)\) that morning"),
        ("nothing", rf"Why only on {DAY}: (?:what the (?:{one}) knew of the night|late (?:{one}) records) came in "
                    rf"that morning"),
        ("beside", rf"{title}, to compare: "),
        ("other_weekend", rf"(?P<label>the weekend before|a year before) (?P<counts>{NIGHTS})"),
        ("nothing", rf"{OTHER_NIGHTS}: small counts, not told"),
        ("other_night", rf"(?P<label>{OTHER_NIGHTS}) {COUNT}"),
        ("nothing", rf"{USUAL} to be expected on (?:{DAY}|{SPAN})|[Tt]he outlook for (?:{DAY}|{SPAN}) comes on {SHORT_DAY}"),
        # of expectations
        ("nothing", r"\(usually (?:fewer than 1|\d+)(?:, (?:fewer than 1|\d+))*(?: each)?\)"),
        ("nothing", rf"\((?:usually )?{USUAL}(?: on a usual {WEEKDAY})?\)|usually {USUAL}"),
        ("nothing", rf"a usual {WEEKDAY} (?:has|ends at) {USUAL}"),
        ("ahead", rf"{USUAL}(?:, (?:busier|quieter) than most \([^)]*\))?, seldom over \d+"),
        ("nothing", r"(?:about \d+ or fewer|fewer than 1)(?: each)?(?=[.;]|$)|\d+ more: "),
        # beside a count
        ("limit", r"alert above (?P<n>\d+)"),
        ("limit", r"It will very likely end above (?P<n>\d+)"),
        ("filling", r"(?:filling high: )?\d+ in \d+ to end above its limit(?: \(alert above (?P<n>\d+)\))?"),
        ("may_yet", rf"{title} may yet end above its limit \(\d+ in \d+\)"),
        ("rarity", rf"(?:{title} )?\(?{EVER}\)?"),
        ("rarity", r"high, but not unusual enough for an alert|above the band, no alert"),
        ("ratio", rf"(?:, )?{TIMES}"),
        ("chance", r"(?:will almost certainly stand|will very likely stand|is more likely to stand than not|"
                   r"may or may not stand|will probably not stand|is very unlikely to stand|will almost certainly not stand) "
                   r"\((?:\d+ in \d+|less than 1 in 100)\)|(?:now|become) doubtful"),
        # verdicts
        ("see_it", rf"(?:Only one source sees it(?: so far)?|\d+ sources agree): {lot}"),
        ("see_it", rf"(?P<list>{one}) sees it(?: so far)?"),
        ("see_it", rf"{lot} now sees? it too"),
        ("not_above", rf"{lot}: (?P<verdict>as expected|filling high, no alert|high, but not unusual enough for an alert|"
                      r"above the band, no alert|noted, as unusual as an alert but too few for one|fewer than may be said)"),
        ("nothing", rf"{many}: not known"),
        ("nothing", rf"\d+(?: of \d+)? town centres|\d+ of them far above|"
                    rf"(?:{place})(?:(?:, | and )(?:{place}))* far above"),
        ("far", r"far more (?:violence )?than expected"),
        ("nothing", r"more violence than expected"),
        ("above", r"more than expected"),
        ("alone", r"No single night stands out"),
        ("withdrawn", r"[Tt]he alert is withdrawn"),
        ("complete", r"The counts are complete"),
        # moves
        ("moved", rf"\d+ (?:late )?{title} records?(?: withdrawn or moved)?; (?P<old>\d+) → (?P<new>\d+)"),
        ("crossed", rf"{title}: (?P<what>late records came in|records were withdrawn or moved); (?:still|now) {COUNT}"),
        ("turned", r"Now (?:higher|lower)"),
        ("none_gone", r"Fewer have come than were likely to"),
        ("none_gone", r"No record has gone(?:; fewer have come since than (?:it|far above) takes)?"),
        ("nothing", r"so many by this time are less unusual|it is not unusual enough for an alert"),
        # counts
        ("weekend", rf"{title} (?:so far )?(?P<counts>{NIGHTS})"),
        ("same_weekend", r"the same (?P<labels>the weekend before(?: and a year before)?|a year before)"),
        ("total", rf"{title}:? (?P<n>\d+) over (?P<nights>\d+) nights?(?: so far)?"
                  rf"(?:, {TIMES} \({USUAL}\)|, usually {USUAL})?(?:; \d+ not known)?"),
        ("nothing", rf"(?:{one}): fewer than \d+ on \d+ of \d+ nights?(?:, \d+ not known)?; no sum is told"),
        ("together", rf"has {COUNT} in the whole area, where about \d+ are usual on that day of the week when it is first known"),
        ("noted", r"Noted, as unusual as an alert but too few for one: "),
        ("noted_one", r"noted, as unusual as an alert but too few for one"),
        ("count", rf"{title}:? {COUNT}(?P<far> so far)?"),
        # which
        ("span", rf"(?P<day>\d+)(?: (?P<first>{MONTH}))? to \d+ (?P<last>{MONTH})"),
        ("day", rf"{DAY}|{SHORT_DAY}"),
        ("place", place),
        ("title", rf"{title}(?=[ :,.;])"),
        ("sign", f"[{SIGNS}]"),
        ("word", r"[\w']+"),
    ]  # fmt: skip


@cache
def said_in(text: str, places: tuple[str, ...], titles: tuple[str, ...]) -> tuple[tuple[str, Found], ...]:
    """Return what a text tells, from left to right: each sentence's name and where it is found. No word is passed over."""
    found, at = [], 0
    while at < len(text):
        fits = ((name, pattern.match(text, at)) for name, pattern in _compiled(places, titles))
        name, match = next(((name, match) for name, match in fits if match), ("", None))
        if match:
            found.append((name, match))
        at = match.end() if match else at + 1
    return tuple(found)


@cache
def _compiled(places: tuple[str, ...], titles: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern)) for name, pattern in sentences(places, titles)]


def _either(names: Sequence[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
