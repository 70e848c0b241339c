-- Share with alcohol, of what is known.
-- Answers: which part of the occurrences that say so were flagged as with alcohol, and how many say nothing.
-- Does not answer: anything of those that say nothing: unknown is not no.
SELECT year(month) AS year, source, definition, sum(n_incidents)::BIGINT AS n_incidents,
       round(sum(n_incidents) FILTER (alcohol = 'yes') / sum(n_incidents) FILTER (alcohol IN ('yes', 'no')), 3) AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (alcohol NOT IN ('yes', 'no')), 0) / sum(n_incidents), 3) AS unknown_share
FROM incident_slices GROUP BY ALL HAVING sum(n_incidents) > 0 ORDER BY year, source, definition;
