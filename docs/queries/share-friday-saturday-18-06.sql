-- Share on Friday and Saturday nights, 18:00 to 06:00.
-- Answers: which part of all offences and occurrences of a year falls on Friday and Saturday nights: the figure
--   that the strategy gives as 23 %.
-- Does not answer: a share of nights: by day is in the denominator, and so are records whose hour is not known.
SELECT year(month) AS year, definition,
       round(sum(n_incidents) FILTER (time_class = 'fri_sat_night') / sum(n_incidents), 3) AS share_of_occurrences,
       round(sum(n_offences) FILTER (time_class = 'fri_sat_night') / sum(n_offences), 3) AS share_of_offences
FROM incident_slices JOIN definitions USING (definition)
WHERE hours = 'all' GROUP BY ALL ORDER BY year, definition;
