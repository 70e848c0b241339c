"""What the paper of hospitals asks of a copy for analysts."""

from typing import Final

SITES: Final = "SELECT DISTINCT site_code FROM istv_scorecard ORDER BY site_code"
SCORES: Final = "SELECT * FROM istv_scorecard WHERE site_code = ? ORDER BY month"
COVERAGE: Final = """
WITH days AS (
    SELECT source, month, n_nights_covered AS n_days_covered FROM month_coverage WHERE time_class = 'day'
), shares AS (
    SELECT source, month, min(known_share) AS known_share FROM incident_slices GROUP BY ALL
)
SELECT month, day(last_day(month)) AS n_days, n_days_covered, known_share
FROM days LEFT JOIN shares USING (source, month) WHERE source = ? ORDER BY month
"""
