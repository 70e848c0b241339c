-- When in the week it happens.
-- Answers: incidents by hour and day of the week of the latest full year, for each source and definition.
-- Does not answer: anything by day of a definition that counts nights alone, nor records whose hour is not
--   known.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT source, definition, hour, coalesce(sum(n_incidents) FILTER (weekday = 1), 0)::BIGINT AS monday,
       coalesce(sum(n_incidents) FILTER (weekday = 2), 0)::BIGINT AS tuesday,
       coalesce(sum(n_incidents) FILTER (weekday = 3), 0)::BIGINT AS wednesday,
       coalesce(sum(n_incidents) FILTER (weekday = 4), 0)::BIGINT AS thursday,
       coalesce(sum(n_incidents) FILTER (weekday = 5), 0)::BIGINT AS friday,
       coalesce(sum(n_incidents) FILTER (weekday = 6), 0)::BIGINT AS saturday,
       coalesce(sum(n_incidents) FILTER (weekday = 7), 0)::BIGINT AS sunday,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM hour_profile LEFT JOIN days USING (source, year)
WHERE year = (SELECT year(max(as_of)) - 1 FROM publication)
GROUP BY source, definition, hour ORDER BY source, definition, hour;
