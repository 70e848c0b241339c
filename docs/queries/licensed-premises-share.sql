-- Share in licensed premises.
-- Answers: which part of the occurrences whose kind of place is known were in licensed premises, by district and
--   year.
-- Does not answer: violence outside a venue that began inside.
SELECT year(month) AS year, definition, district, sum(n_incidents)::BIGINT AS n_incidents,
       coalesce(sum(n_incidents) FILTER (location_group = 'licensed_premises'), 0)::BIGINT AS n_licensed,
       round(n_licensed / sum(n_incidents) FILTER (location_group NOT IN ('unknown', 'not_kept')), 3) AS share_of_known,
       round(coalesce(sum(n_incidents) FILTER (location_group IN ('unknown', 'not_kept')), 0) / sum(n_incidents), 3)
           AS unknown_share
FROM incident_slices WHERE source = 'police'
GROUP BY ALL HAVING sum(n_incidents) > 0 ORDER BY year, definition, district;
