"""The words that several rooms say: each a value with its sentence, declared once."""

from enum import StrEnum


class Word(StrEnum):
    """A value that says what it means; the sentence stands beside it, where it is declared."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> "Word":
        """Make a word of its code and its sentence."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word


def glossary(words: type[Word]) -> str:
    """Return 'within: as expected | above: …': what a column may hold, and what each means."""
    return " | ".join(f"{word}: {word.meaning}" for word in words)


class Verdict(Word):
    """How one night's count stands to its band."""

    UNKNOWN = "unknown", "not known"
    WITHIN = "within", "as expected"
    ABOVE = "above", "more than expected"
    FAR_ABOVE = "far_above", "far more than expected"

    @property
    def rank(self) -> int:
        """Return 0 unknown, 1 within, 2 above, 3 far above."""
        return _RANKS[self]

    @property
    def is_exceedance(self) -> bool:
        """Say whether it is above what was to be expected."""
        return self.rank >= Verdict.ABOVE.rank


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Audience(Word):
    """Who reads a channel or a page, and so which counts are said exactly."""

    ANALYST = "analyst", "sees every count; who keeps the service and who may open the published copy"
    POLICE = "police", "a police lead: police counts exactly, small health counts in words"
    LICENSING = "licensing", "a licensing lead: small counts in words, of the own districts"
    OPS = "ops", "the ops channel: never needs a count"


class AlertRule(Word):
    """When a night that is still filling is above: which rule the band was issued under."""

    STANDS = (
        "stands",
        "the chance that the final count exceeds alert_limit, given what is in, is at least gamma",
    )
    SO_FAR = (
        "so_far",
        "the count so far exceeds the limit of what should be known by now: the rule until version 4",
    )


class PartState(Word):
    """How one part of the running service was when it was last asked."""

    STARTING = "starting", "is starting"
    UP = "up", "answers"
    SILENT = "silent", "is there and does not answer"
    WRONG = "wrong", "is not as it should be"
    DOWN = "down", "has ended"


class FeedState(Word):
    """How the delivery stands that should account for a night."""

    NOT_DUE = "not_due", "its delivery is not due yet"
    HERE = "here", "its delivery is here"
    LATE = "late", "its delivery is late"
    REFUSED = "refused", "its delivery was refused"
    HELD = "held", "its delivery is held: somebody has to accept or to reject it"
    UNUSABLE = "unusable", "its delivery is here, and what it says of the night cannot be used"
    SHORT = "short", "its delivery is here and leaves the night open"
    MISNAMED = "misnamed", "a file is here under a wrong name"
    WAITING = "waiting", "a file is here and waits: it is still being written, or dated ahead"
    SILENT = "silent", "nothing has come from it for a week or longer"


class WhyUnknown(Word):
    """Why a night of a source is not known in a town centre: never because it was quiet."""

    NOT_DUE = FeedState.NOT_DUE.value, FeedState.NOT_DUE.meaning
    LATE = FeedState.LATE.value, FeedState.LATE.meaning
    REFUSED = FeedState.REFUSED.value, FeedState.REFUSED.meaning
    HELD = FeedState.HELD.value, FeedState.HELD.meaning
    UNUSABLE = FeedState.UNUSABLE.value, FeedState.UNUSABLE.meaning
    SHORT = FeedState.SHORT.value, FeedState.SHORT.meaning
    MISNAMED = FeedState.MISNAMED.value, FeedState.MISNAMED.meaning
    WAITING = FeedState.WAITING.value, FeedState.WAITING.meaning
    SILENT = FeedState.SILENT.value, FeedState.SILENT.meaning
    SITE_SILENT = "site_silent", "the hospital that serves this place has fallen silent"
    TOO_EARLY = "too_early", "too little of the night can be known yet"

    @property
    def comes_by_itself(self) -> bool:
        """Say whether what is not known for it will be known though nobody is asked."""
        return self in (WhyUnknown.TOO_EARLY, WhyUnknown.NOT_DUE)


class Fault(Word):
    """Why what a delivery says of a night cannot be used, though its file is well formed."""

    ASIDE = "aside", "had to be set aside"
    CODES = "codes", "have a code that the area file does not know, or none"
    NOT_COUNTED = "not_counted", "are of no kind that is counted"
    FLAGS = "flags", "do not say whether they are domestic"
    WITHDRAWN = "withdrawn", "were withdrawn before they were ever known"
    AGAIN = "again", "came before just as they are"
    TIMES = "times", "have no time that says their night"
    PLACES = "places", "have no place in the area"
    ONE_PLACE = "one_place", "are in one place"
    ONE_POINT = "one_point", "are at one point, or at points that were rounded to kilometres"
    INCIDENTS = "incidents", "belong to one incident with others"
    CUT_SHORT = "cut_short", "are of the last hours of its span"
    HOLE = "hole", "are of some hours of its span"
    SPARSE = "sparse", "are of first days of its span that are nearly empty"
    OUTSIDE = "outside", "are outside every town centre"
    HOURS = "hours", "are of the hours from midnight to 13:00"
    DEFAULT_TIMES = "default_times", "are at exactly midnight or noon"


class TimeClass(Word):
    """Which part of the week something happened in."""

    FRI_SAT_NIGHT = "fri_sat_night", "the night of a Friday or a Saturday"
    SUNDAY_NIGHT = "sunday_night", "the night of a Sunday"
    OTHER_NIGHT = "other_night", "another night"
    DAY = "day", "by day"
    UNKNOWN = "unknown", "its hour is not known"


class Detector(Word):
    """What noticed that something is above what was to be expected."""

    NIGHT = "night", "one night of one town centre"
    WEEKEND = "weekend", "a weekend of one town centre, all sources together"
    FOUR_WEEKENDS = "four_weekends", "four weekends of one town centre, all sources together"
    MANY_CENTRES = "many_centres", "many town centres on one night"


class DeliveryVerdict(Word):
    """Whether a delivery may be believed."""

    ACCEPTED = "accepted", "all its rows are used"
    WITH_QUARANTINE = "accepted_with_quarantine", "its rows are used but for those that were set aside"
    REJECTED = "rejected", "none of its rows is used"
    ALREADY_SEEN = "already_seen", "the same bytes were accepted before"
    HELD = "held", "none of its rows is used until somebody has said what they are"


class AlertState(Word):
    """Where an alert stands in its life."""

    OPEN = "open", "open"
    WITHDRAWN = "withdrawn", "withdrawn: it no longer holds"
    COMPLETED = "completed", "completed: all counts are in, and it holds"
    SILENCED = "silenced", "silenced: decided, not said"
    GROUPED = "grouped", "said by another alert"
    ACKNOWLEDGED = "acknowledged", "somebody is acting on it"


class Reason(Word):
    """Why something is said, or not said, about an alert on a morning."""

    FIRST = "first", "said: above what was to be expected, and nobody had been told"
    ROSE = "rose", "said: higher than what people had been told"
    FELL = "fell", "said: lower than what people had been told, still above"
    WITHDRAWN = "withdrawn", "said: no longer above"
    FILLED = "filled", "said: another source has come in"
    FRESH = "fresh", "said: the same alert with this morning's numbers"
    DOUBTFUL = "doubtful", "said: it has become doubtful whether it will stand"
    FIRM = "firm", "said: it was doubtful, and now is likely to stand"
    COMPLETED = "completed", "said: all counts are complete, and still above"
    UNCHANGED = "unchanged", "not said: nothing that people had not been told"
    NOT_YET_COMPLETE = (
        "not_yet_complete",
        "not said: lower than people were told, but no record has gone and the night is still filling",
    )
    NOT_KNOWN = "not_known", "not said: no source can be judged, and unknown is not an all-clear"
    ACKNOWLEDGED = "acknowledged", "not said: somebody is acting on it, and the change is small"
    SILENCED = "silenced", "not said: somebody silenced this centre"
    GROUPED = "grouped", "not said: another alert says it too"
    JUDGED = "judged", "the morning's nights were looked at"

    @property
    def is_said(self) -> bool:
        """Say whether it leads to a message."""
        return self.meaning.startswith("said:")

    @property
    def is_revision(self) -> bool:
        """Say whether people in the thread are told what changed; the others only edit the head."""
        return self in (Reason.ROSE, Reason.FELL, Reason.WITHDRAWN, Reason.DOUBTFUL, Reason.FIRM)


class Answered(Word):
    """What somebody answered about an alert."""

    ACTED_ON = "acted_on", "is being acted on"
    KNOWN_EVENT = "known_event", "is explained by a known event"
    DATA_FAULT = "data_fault", "is put down to a fault in the data"
    NOTE = "note", "has a note"
    USEFUL = "useful", "was useful"
    NOT_USEFUL = "not_useful", "was not useful"
    TOO_LATE = "too_late", "came too late to be useful"

    @property
    def settles(self) -> bool:
        """Say whether somebody has taken the alert on with it: small changes are then no longer told."""
        return self in (Answered.ACTED_ON, Answered.KNOWN_EVENT, Answered.DATA_FAULT)

    @property
    def is_about_use(self) -> bool:
        """Say whether it answers the question whether the alert was useful."""
        return self in (Answered.USEFUL, Answered.NOT_USEFUL, Answered.TOO_LATE)


SETTLING = tuple(str(answered) for answered in Answered if answered.settles)


class MessageStatus(Word):
    """How a message stands."""

    PENDING = "pending", "waits to be posted with the next run"
    POSTED = "posted", "stands in its channel"
    HELD = "held", "waits: the reason is kept with it"
    NOT_POSTED = "not_posted", "will not be posted: the reason is kept with it"


NAMED_IN_ONE_LINE = "over the day's maximum; named in one line"
"""Why a first message is not posted of which its channel was told all the same."""


class Method(Word):
    """How it was found what would have come without an intervention."""

    FORECAST = "forecast", "our own forecast, frozen before the start, moved as the other centres moved"
    SYNTHETIC = (
        "synthetic",
        "synthetic control: other centres, weighted so that they moved alike before the start",
    )
    ACTED_ON = "acted_on", "nights after alerts that were acted on, beside nights after those that were not"
