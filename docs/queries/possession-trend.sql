-- Possession of weapons by quarter.
-- Answers: how many offences of possession were recorded, and how many of them with a knife.
-- Does not answer: how many weapons are carried: these offences follow searches and patrols.
SELECT date_trunc('quarter', month)::DATE AS quarter, district, sum(n_offences)::BIGINT AS n_offences,
       coalesce(sum(n_offences) FILTER (knife = 'yes'), 0)::BIGINT AS n_with_knife
FROM incident_slices
WHERE offence_group = 'possession' AND definition = (SELECT max(definition) FROM definitions WHERE hours = 'all')
GROUP BY ALL ORDER BY quarter DESC, district;
