-- Victims by age and offence.
-- Answers: victims of each offence group by age of each year, with those whose age is not known.
-- Does not answer: offences without a victim, such as possession, and patients of the ambulance service, which
--   states no age.
SELECT year(month) AS year, source, definition, offence_group,
       coalesce(sum(n_victims) FILTER (age_group = 'under_18'), 0)::BIGINT AS under_18,
       coalesce(sum(n_victims) FILTER (age_group = '18_24'), 0)::BIGINT AS "18_24",
       coalesce(sum(n_victims) FILTER (age_group = '25_and_over'), 0)::BIGINT AS "25_and_over",
       coalesce(sum(n_victims) FILTER (age_group IN ('unknown', 'not_kept')), 0)::BIGINT AS not_known
FROM incident_slices WHERE source <> 'emas' GROUP BY ALL HAVING sum(n_victims) > 0
ORDER BY year, source, definition, offence_group;
