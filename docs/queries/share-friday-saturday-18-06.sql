-- Share on Friday and Saturday nights, 18:00 to 06:00.
-- Answers: which part of all offences and occurrences of a year falls on Friday and Saturday nights: the figure
--   that the strategy gives as 23 %.
-- Does not answer: a share of nights: by day is in the denominator, and so are records whose hour is not known.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, definition,
       round(coalesce(sum(n_incidents) FILTER (time_class = 'fri_sat_night'), 0) / sum(n_incidents), 3) AS share_of_occurrences,
       round(coalesce(sum(n_offences) FILTER (time_class = 'fri_sat_night'), 0) / sum(n_offences), 3) AS share_of_offences,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s JOIN definitions USING (definition)
LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE hours = 'all' GROUP BY ALL ORDER BY year, definition;
