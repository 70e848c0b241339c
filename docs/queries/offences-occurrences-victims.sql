-- Occurrences, offences and victims of each year.
-- Answers: how far the three ways of counting the same violence lie apart, for each definition of the police.
-- Does not answer: how many persons there are: the force records a crime for each victim, and one person hurt
--   twice is two.
SELECT year(month) AS year, definition, sum(n_incidents)::BIGINT AS n_occurrences, sum(n_offences)::BIGINT AS n_offences,
       sum(n_victims)::BIGINT AS n_victims
FROM incident_slices WHERE n_offences IS NOT NULL OR source = 'police'
GROUP BY ALL ORDER BY year, definition;
