"""What the paper of a year asks of a copy for analysts."""

from typing import Final

from reports.papers.queries import KNOWN_SHARES

YEARS: Final = """
SELECT DISTINCT year(month)::VARCHAR AS year FROM month_coverage
WHERE source = ? AND time_class = 'day' AND n_nights_covered > 0 ORDER BY year
"""
AGES: Final = """
SELECT offence_group, coalesce(title, 'Not stated') AS title, age_group, sum(n_victims)::BIGINT AS n
FROM incident_slices LEFT JOIN offence_groups USING (source, offence_group)
WHERE source = $1 AND definition = $2 AND year(month) = $3 AND coalesce(has_victim, true)
GROUP BY ALL ORDER BY min(coalesce(gravity, 99)), title, age_group
"""
HOURS: Final = """
SELECT weekday, hour, sum(n_incidents)::BIGINT AS n FROM hour_profile
WHERE source = $1 AND definition = $2 AND year = $3 GROUP BY ALL ORDER BY weekday, hour
"""
DISTRICTS: Final = """
SELECT district, sum(n_offences)::BIGINT AS n FROM incident_slices
WHERE source = $1 AND definition = $2 AND year(month) = $3 GROUP BY ALL ORDER BY n DESC, district
"""
KINDS_OF_PLACE: Final = """
SELECT location_group, sum(n_incidents)::BIGINT AS n FROM incident_slices
WHERE source = $1 AND definition = $2 AND year(month) = $3 GROUP BY ALL ORDER BY location_group
"""
ALCOHOL: Final = """
SELECT source, sources.title, definition, alcohol, sum(n_incidents)::BIGINT AS n
FROM incident_slices JOIN sources USING (source)
WHERE definition IN ($1, $2) AND year(month) = $3 GROUP BY ALL ORDER BY definition, source, alcohol
"""
NIGHTS_BY_DISTRICT: Final = """
SELECT district, month, sum(n_incidents)::BIGINT AS n FROM incident_slices
WHERE source = $1 AND definition = $2 AND time_class LIKE '%night' AND district <> '' AND year(month) <= $3
GROUP BY ALL ORDER BY district, month
"""
RESIDENTS: Final = """
SELECT district, mid_year, n, citation FROM populations
QUALIFY row_number() OVER (PARTITION BY district ORDER BY mid_year <= $1 DESC, mid_year DESC) = 1 ORDER BY district
"""
BREAKS: Final = """
SELECT source, first_day FROM recording_changes r
WHERE offence_group = '' OR EXISTS (
    FROM incident_slices s WHERE s.source = r.source AND s.offence_group = r.offence_group AND s.definition = ?
)
"""
BESIDE: Final = f"""
WITH shares AS ({KNOWN_SHARES}), nights AS (
    SELECT month, source, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class LIKE '%night' GROUP BY ALL
), counted AS (
    SELECT month, source, sum(n_incidents)::BIGINT AS n
    FROM incident_slices WHERE definition = $1 AND time_class LIKE '%night' GROUP BY ALL
)
SELECT month, source, day(last_day(month)) AS n_days, n_days_covered, known_share,
       CASE WHEN n_days_covered > 0 THEN coalesce(n, 0) END AS n
FROM nights LEFT JOIN shares USING (month, source) LEFT JOIN counted USING (month, source)
WHERE month <= $2 ORDER BY source, month
"""
