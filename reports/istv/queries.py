"""What the paper of hospitals asks of a copy for analysts."""

from typing import Final

from reports.papers.queries import KNOWN_SHARES

SITES: Final = "SELECT DISTINCT site_code FROM istv_scorecard ORDER BY site_code"
SCORES: Final = "SELECT * FROM istv_scorecard WHERE site_code = ? ORDER BY month"
COVERAGE: Final = f"""
WITH days AS (
    SELECT source, month, n_nights_covered AS n_days_covered FROM month_coverage WHERE time_class = 'day'
), shares AS (
    {KNOWN_SHARES}
)
SELECT month, day(last_day(month)) AS n_days, n_days_covered, known_share
FROM days LEFT JOIN shares USING (source, month) WHERE source = ? ORDER BY month
"""
