-- Attendances for assaults between 18:00 and 04:00.
-- Answers: how many of a year's attendances are for assaults between 18:00 and 04:00, by the hour of the
--   assault, or of the arrival where that alone is known.
-- Does not answer: the hour of arrival itself, and attendances whose assault has no hour.
WITH night AS (
    SELECT year, source, sum(n_incidents) FILTER (hour >= 18 OR hour < 4)::BIGINT AS n_18_04
    FROM hour_profile WHERE source = 'ae' AND definition = 'nte-violence' GROUP BY ALL
), everyone AS (
    SELECT year(month) AS year, source, sum(n_attendances)::BIGINT AS n_attendances FROM istv_scorecard GROUP BY ALL
), days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year, n_18_04, n_attendances, round(n_18_04 / n_attendances, 3) AS share, n_days, n_days_covered
FROM night JOIN everyone USING (year, source) LEFT JOIN days USING (year, source) ORDER BY year;
