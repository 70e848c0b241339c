-- Share in licensed premises.
-- Answers: which part of the occurrences whose kind of place is known were in licensed premises, by district and
--   year.
-- Does not answer: violence outside a venue that began inside.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, definition, district, sum(n_incidents)::BIGINT AS n_incidents,
       coalesce(sum(n_incidents) FILTER (location_group = 'licensed_premises'), 0)::BIGINT AS n_licensed,
       round(n_licensed / sum(n_incidents) FILTER (location_group NOT IN ('unknown', 'not_kept')), 3) AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (location_group IN ('unknown', 'not_kept')), 0) / sum(n_incidents), 3)
           AS unknown_share,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE s.source = 'police'
GROUP BY ALL HAVING sum(n_incidents) > 0 ORDER BY year, definition, district;
