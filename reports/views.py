"""The views of the published copy: (name, meaning, SELECT)."""

from nte.words import WhyUnknown
from reports.night_state import NO_DELIVERY

View = tuple[str, str, str]


def published_views(alert_definition: str) -> list[View]:
    """Return the views that a newcomer opens first."""
    return [
        (
            "start_here",
            START_HERE_MEANING,
            START_HERE.format(
                definition=alert_definition.replace("'", "''"), whys=_whys(), no_delivery=NO_DELIVERY
            ),
        )
    ]


def _whys() -> str:
    """Return the CASE that says why a night is not known, in the words that all rooms use."""
    cases = " ".join(f"WHEN '{word}' THEN '{word.meaning}'" for word in WhyUnknown)
    return f"CASE latest.why_unknown {cases} END"


START_HERE_MEANING = (
    "Open this first. Every monitored night by town centre and source: what was observed, what was to be expected, "
    "the verdict, and for nights that were not judged the reason. An empty observed count is unknown, not zero."
)

START_HERE = """
WITH centre AS (
    SELECT centre_code, arg_max(name, valid_from) AS name, arg_max(district, valid_from) AS district,
           arg_max(sources, valid_from) AS sources
    FROM town_centres GROUP BY centre_code
), latest AS (
    SELECT evening, centre_code, source, arg_max(verdict, as_of) AS verdict,
           arg_max(why_unknown, as_of) AS why_unknown, arg_max(known_share, as_of) AS known_share,
           arg_max(limit_so_far, as_of) AS limit_so_far, max(as_of) AS judged_as_of
    FROM judgements WHERE definition = '{definition}' GROUP BY ALL
)
SELECT c.evening, dayname(c.evening) AS weekday, centre.name AS town_centre, centre.district, c.source,
       c.n_incidents AS observed, round(b.expected, 1) AS expected, b.lower, b.upper, b.alert_limit,
       coalesce(nullif(latest.verdict, 'unknown'), 'not judged') AS verdict,
       CASE
           WHEN latest.verdict <> 'unknown' THEN NULL
           WHEN NOT list_contains(string_split(centre.sources, ', '), c.source) THEN 'this source does not serve this centre'
           WHEN NOT c.is_covered THEN coalesce({whys}, '{no_delivery}')
           WHEN b.evening IS NULL AND c.evening < (SELECT min(evening) FROM bands) THEN 'before the first band was issued'
           WHEN b.evening IS NULL THEN 'no band was issued: too little history'
           WHEN latest.why_unknown IS NOT NULL THEN {whys}
           ELSE 'not judged yet'
       END AS why_not_judged,
       n.events, latest.known_share, latest.limit_so_far, latest.judged_as_of, c.centre_code
FROM night_counts c
JOIN nights n USING (evening)
JOIN centre USING (centre_code)
LEFT JOIN bands b ON b.evening = c.evening AND b.centre_code = c.centre_code AND b.source = c.source
                 AND b.definition = c.definition
LEFT JOIN latest ON latest.evening = c.evening AND latest.centre_code = c.centre_code AND latest.source = c.source
WHERE c.definition = '{definition}' AND n.is_monitored
ORDER BY c.evening DESC, centre.name, c.source
"""
