-- Share with alcohol, of what is known.
-- Answers: which part of the occurrences that say so were flagged as with alcohol, and how many say nothing.
-- Does not answer: anything of those that say nothing: unknown is not no.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, s.source, definition, sum(n_incidents)::BIGINT AS n_incidents,
       round(coalesce(sum(n_incidents) FILTER (alcohol = 'yes'), 0) / sum(n_incidents) FILTER (alcohol IN ('yes', 'no')), 3)
           AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (alcohol NOT IN ('yes', 'no')), 0) / sum(n_incidents), 3) AS unknown_share,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
GROUP BY ALL HAVING sum(n_incidents) > 0 ORDER BY year, s.source, definition;
