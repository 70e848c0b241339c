-- Share on the nights of Friday, Saturday and Sunday.
-- Answers: which part of a year's occurrences fall on the three nights that this service judges, of those whose
--   hour is known.
-- Does not answer: anything of records whose hour is not known: their share stands beside it.
SELECT year(month) AS year, definition, source, sum(n_incidents)::BIGINT AS n_incidents,
       round(sum(n_incidents) FILTER (time_class IN ('fri_sat_night', 'sunday_night'))
             / sum(n_incidents) FILTER (time_class <> 'unknown'), 3) AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (time_class = 'unknown'), 0) / sum(n_incidents), 3) AS hour_unknown_share
FROM incident_slices JOIN definitions USING (definition) WHERE hours = 'all'
GROUP BY ALL ORDER BY year, definition, source;
