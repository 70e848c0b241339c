-- Night-time violence per 1,000 residents.
-- Answers: the police's night incidents of the last twelve full months in each district over its residents.
-- Does not answer: a risk of anybody: visitors are not among the residents, so that a district with a busy
--   centre looks worse than it is.
WITH months AS (
    SELECT max(month) - INTERVAL 12 MONTH AS first, max(month) AS last FROM incident_slices
), days AS (
    SELECT date_diff('day', any_value(first), any_value(last)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage CROSS JOIN months
    WHERE source = 'police' AND time_class = 'day' AND month >= first AND month < last
)
SELECT s.district, sum(n_incidents)::BIGINT AS n_incidents, any_value(n) AS n_residents,
       round(1000 * sum(n_incidents) / any_value(n), 2) AS per_1000, any_value(p.mid_year) AS residents_of,
       any_value(citation) AS citation,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s CROSS JOIN months CROSS JOIN days
JOIN (SELECT * FROM populations QUALIFY mid_year = max(mid_year) OVER (PARTITION BY district)) p
  ON p.district = s.district
WHERE definition = 'nte-violence' AND source = 'police' AND time_class LIKE '%night' AND month >= first AND month < last
GROUP BY s.district ORDER BY per_1000 DESC;
