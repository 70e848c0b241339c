-- Victims by age and offence.
-- Answers: victims of each offence group by age of each year, with those whose age is not known.
-- Does not answer: offences without a victim, such as possession, and patients of the ambulance service, which
--   states no age.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, s.source, definition, offence_group,
       coalesce(sum(n_victims) FILTER (age_group = 'under_18'), 0)::BIGINT AS under_18,
       coalesce(sum(n_victims) FILTER (age_group = '18_24'), 0)::BIGINT AS "18_24",
       coalesce(sum(n_victims) FILTER (age_group = '25_and_over'), 0)::BIGINT AS "25_and_over",
       coalesce(sum(n_victims) FILTER (age_group IN ('unknown', 'not_kept')), 0)::BIGINT AS not_known,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE s.source <> 'emas' GROUP BY ALL HAVING sum(n_victims) > 0
ORDER BY year, s.source, definition, offence_group;
