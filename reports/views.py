"""The views of the published copy, and its macro."""

from nte.views import View
from nte.words import WhyUnknown
from reports.night_state import NO_DELIVERY

NOT_JUDGED = "not judged"
NOT_SERVED = "this source does not serve this centre"


def published_views(alert_definition: str) -> list[View]:
    """Return the view that a newcomer opens first, and night counts as known at an instant."""
    select = START_HERE.format(
        definition=alert_definition.replace("'", "''"),
        whys=_whys(),
        no_delivery=NO_DELIVERY,
        not_judged=NOT_JUDGED,
        not_served=NOT_SERVED,
    )
    return [
        View("start_here", START_HERE_MEANING, select, START_HERE_COLUMNS),
        View("as_known", AS_KNOWN_MEANING, AS_KNOWN, parameters=("moment",)),
        View("knife_month", KNIFE_MONTH_MEANING, KNIFE_MONTH, KNIFE_MONTH_COLUMNS),
    ]


def _whys() -> str:
    """Return the CASE that says why a night is not known, in the words that all rooms use."""
    cases = " ".join(f"WHEN '{word}' THEN '{word.meaning}'" for word in WhyUnknown)
    return f"CASE latest.why_unknown {cases} END"


START_HERE_MEANING = (
    "Open this first. Every monitored night by town centre and source: what was observed, what was to be expected, "
    "the verdict, and for nights that were not judged the reason. An empty count is unknown, not zero."
)

KNIFE_MONTH_MEANING = (
    "Violence with a knife by month and district, on each definition of all hours, possession told apart; beside it, "
    "never added, what ambulance and hospitals saw at night. Null: no day of the month is accounted for."
)
KNIFE_MONTH_COLUMNS = {
    "month": "first day of the month",
    "district": "licensing authority; empty where it is not known",
    "definition": "as in definitions",
    "n_offences": "offences with a knife",
    "n_offences_without_possession": "of them, those that are no possession",
    "n_victims": "their victims",
    "n_victims_under_25": "of them, those known to be under 25",
    "n_victims_age_unknown": "of them, those whose age is not known",
    "n_ambulance_penetrating": "penetrating injuries that the ambulance attended at night; null: none seen",
    "n_hospital_sharp_object": "attendances with a sharp object, of assaults at night; null: none seen",
    "n_days_covered": "days of the month that the police's deliveries account for",
    "as_of": "the morning whose knowledge it is",
}
KNIFE_MONTH = """
WITH police AS (
    SELECT month, district, definition, sum(n_offences)::BIGINT AS n,
           sum(n_offences) FILTER (offence_group <> 'possession')::BIGINT AS n_others, sum(n_victims)::BIGINT AS n_victims,
           sum(n_victims) FILTER (age_group IN ('under_18', '18_24'))::BIGINT AS n_young,
           sum(n_victims) FILTER (age_group = 'unknown')::BIGINT AS n_age_unknown
    FROM incident_slices WHERE knife = 'yes' AND n_offences IS NOT NULL GROUP BY ALL
), health AS (
    SELECT month, district,
           sum(n_incidents) FILTER (offence_group = 'penetrating_injury')::BIGINT AS n_penetrating,
           sum(n_incidents) FILTER (method_group = 'sharp_object')::BIGINT AS n_sharp
    FROM incident_slices WHERE n_offences IS NULL AND time_class LIKE '%night' GROUP BY ALL
), days AS (
    SELECT month, source, n_nights_covered FROM month_coverage WHERE time_class = 'day'
), grid AS (
    SELECT days.month, district, definition, n_nights_covered AS n_days_covered
    FROM days
    JOIN (SELECT definition, unnest(sources) AS source FROM definitions WHERE hours = 'all') USING (source)
    CROSS JOIN (SELECT DISTINCT district FROM places)
)
SELECT month, district, definition,
       CASE WHEN n_days_covered > 0 THEN coalesce(n, 0) END AS n_offences,
       CASE WHEN n_days_covered > 0 THEN coalesce(n_others, 0) END AS n_offences_without_possession,
       CASE WHEN n_days_covered > 0 THEN coalesce(n_victims, 0) END AS n_victims,
       CASE WHEN n_days_covered > 0 THEN coalesce(n_young, 0) END AS n_victims_under_25,
       CASE WHEN n_days_covered > 0 THEN coalesce(n_age_unknown, 0) END AS n_victims_age_unknown,
       n_penetrating AS n_ambulance_penetrating, n_sharp AS n_hospital_sharp_object,
       n_days_covered, (SELECT as_of FROM publication) AS as_of
FROM grid LEFT JOIN police USING (month, district, definition) LEFT JOIN health USING (month, district)
ORDER BY month DESC, definition, district
"""

START_HERE_COLUMNS = {
    "evening": "local date of the evening on which the night starts",
    "weekday": "its day of the week",
    "town_centre": "as people call it",
    "district": "licensing authority",
    "source": "who reports",
    "n_incidents": "incidents of the night; null is unknown, not zero",
    "expected": "expected incidents of the night, said before it",
    "lower": "1 % quantile of the band",
    "upper": "99 % quantile of the band",
    "alert_limit": "a final count above this is an exceedance",
    "verdict": f"within | above | far_above | {NOT_JUDGED}",
    "why_not_judged": "null where it was judged",
    "events": "what was known ahead",
    "known_share": "share of the final count that was usually known at that age, 0-1",
    "limit_so_far": "the limit for what had come in by then",
    "as_of": "the morning on which it was judged last",
    "centre_code": "as in places",
}
AS_KNOWN_MEANING = (
    "Night counts as they were known at an instant: FROM as_known(TIMESTAMPTZ '2026-03-30 06:00:00+00'). A night that "
    "was not known of then has no row."
)
AS_KNOWN = """
SELECT * FROM night_count_revisions WHERE known_at <= moment
QUALIFY row_number() OVER (PARTITION BY evening, centre_code, source, definition ORDER BY known_at DESC) = 1
"""

START_HERE = """
WITH centre AS (
    SELECT centre_code, arg_max(name, valid_from) AS name, arg_max(district, valid_from) AS district,
           arg_max(sources, valid_from) AS sources
    FROM town_centres GROUP BY centre_code
), latest AS (
    SELECT evening, centre_code, source, arg_max(verdict, as_of) AS verdict,
           arg_max(why_unknown, as_of) AS why_unknown, arg_max(known_share, as_of) AS known_share,
           arg_max(limit_so_far, as_of) AS limit_so_far, max(as_of) AS last_as_of
    FROM judgements WHERE definition = '{definition}' GROUP BY ALL
)
SELECT c.evening, dayname(c.evening) AS weekday, centre.name AS town_centre, centre.district, c.source,
       c.n_incidents, round(b.expected, 1) AS expected, b.lower, b.upper, b.alert_limit,
       coalesce(nullif(latest.verdict, 'unknown'), '{not_judged}') AS verdict,
       CASE
           WHEN latest.verdict <> 'unknown' THEN NULL
           WHEN NOT list_contains(centre.sources, c.source) THEN '{not_served}'
           WHEN NOT c.is_covered THEN coalesce({whys}, '{no_delivery}')
           WHEN b.evening IS NULL AND c.evening < (SELECT min(evening) FROM bands) THEN 'before the first band was issued'
           WHEN b.evening IS NULL THEN 'no band was issued: too little history'
           WHEN latest.why_unknown IS NOT NULL THEN {whys}
           ELSE 'not judged yet'
       END AS why_not_judged,
       n.events, latest.known_share, latest.limit_so_far, latest.last_as_of AS as_of, c.centre_code
FROM night_counts c
JOIN nights n USING (evening)
JOIN centre USING (centre_code)
LEFT JOIN bands b ON b.evening = c.evening AND b.centre_code = c.centre_code AND b.source = c.source
                 AND b.definition = c.definition
LEFT JOIN latest ON latest.evening = c.evening AND latest.centre_code = c.centre_code AND latest.source = c.source
WHERE c.definition = '{definition}' AND n.is_monitored
ORDER BY c.evening DESC, centre.name, c.source
"""
