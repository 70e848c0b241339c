-- Occurrences, offences and victims of each year.
-- Answers: how far the three ways of counting the same violence lie apart, for each definition of the police.
-- Does not answer: how many persons there are: the force records a crime for each victim, and one person hurt
--   twice is two.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, definition, sum(n_incidents)::BIGINT AS n_occurrences, sum(n_offences)::BIGINT AS n_offences,
       sum(n_victims)::BIGINT AS n_victims,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE n_offences IS NOT NULL OR s.source = 'police'
GROUP BY ALL ORDER BY year, definition;
