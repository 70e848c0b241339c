"""What more than one paper asks of a copy for analysts."""

from typing import Final

AS_OF: Final = "SELECT as_of FROM publication"
SOURCE: Final = "SELECT title FROM sources WHERE source = ?"
DEFINITIONS: Final = """
SELECT definition, title, why, effective_from, effective_to FROM definitions
WHERE hours = 'all' AND list_contains(sources, ?) ORDER BY effective_from, definition
"""
CHANGES: Final = """
SELECT coalesce(title, 'Everything') AS title, first_day, expected_effect, citation
FROM recording_changes LEFT JOIN offence_groups USING (source, offence_group)
WHERE source = ? AND first_day <= ? ORDER BY first_day, offence_group
"""
KNOWN_SHARES: Final = """
SELECT source, month,
       coalesce(max(known_share) FILTER (time_class IN ('day', 'unknown')), min(known_share)) AS known_share
FROM incident_slices GROUP BY source, month
"""
"""How much of each month is usually in by now: by day, or of no known time, which is the mean over all of its days."""
MONTHS: Final = f"""
WITH shares AS ({KNOWN_SHARES}), counted AS (
    SELECT month, definition, sum(n_incidents)::BIGINT AS n_incidents, sum(n_offences)::BIGINT AS n_offences,
           sum(n_victims)::BIGINT AS n_victims
    FROM incident_slices WHERE source = $1 GROUP BY ALL
), knives AS (
    SELECT month, definition, sum(n_offences)::BIGINT AS n_knife_offences FROM knife_month GROUP BY ALL
)
SELECT c.month, definition, day(last_day(c.month)) AS n_days, c.n_nights_covered AS n_days_covered, known_share,
       CASE WHEN c.n_nights_covered > 0 THEN coalesce(n_offences, 0) END AS serious_violence,
       CASE WHEN c.n_nights_covered > 0 THEN coalesce(n_incidents, 0) END AS occurrences,
       CASE WHEN c.n_nights_covered > 0 THEN coalesce(n_victims, 0) END AS victims,
       CASE WHEN c.n_nights_covered > 0 THEN coalesce(n_knife_offences, 0) END AS knife_serious_violence
FROM month_coverage c
JOIN definitions ON hours = 'all' AND list_contains(sources, $1)
LEFT JOIN shares USING (source, month)
LEFT JOIN counted USING (month, definition)
LEFT JOIN knives USING (month, definition)
WHERE c.source = $1 AND c.time_class = 'day' AND c.month BETWEEN $2 AND $3
ORDER BY definition, c.month
"""
