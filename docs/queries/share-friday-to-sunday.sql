-- Share on the nights of Friday, Saturday and Sunday.
-- Answers: which part of a year's occurrences fall on the three nights that this service judges, of those whose
--   hour is known.
-- Does not answer: anything of records whose hour is not known: their share stands beside it.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, definition, s.source, sum(n_incidents)::BIGINT AS n_incidents,
       round(coalesce(sum(n_incidents) FILTER (time_class IN ('fri_sat_night', 'sunday_night')), 0)
             / sum(n_incidents) FILTER (time_class <> 'unknown'), 3) AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (time_class = 'unknown'), 0) / sum(n_incidents), 3) AS hour_unknown_share,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s JOIN definitions USING (definition)
LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE hours = 'all'
GROUP BY ALL ORDER BY year, definition, s.source;
