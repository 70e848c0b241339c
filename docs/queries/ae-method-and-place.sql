-- How and where the attended were hurt.
-- Answers: night attendances of each year by method and by kind of place, with what is not known.
-- Does not answer: assaults by day: the measure of hospitals counts nights.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, method_group, location_group, sum(n_incidents)::BIGINT AS n_attendances,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE s.source = 'ae' AND time_class LIKE '%night'
GROUP BY ALL ORDER BY year, n_attendances DESC;
