-- Share of offences with a knife, with and without possession.
-- Answers: which part of serious violence involves a knife by year, and what is left when mere possession is
--   taken out.
-- Does not answer: whether a knife was used: the flag says that one was involved, and what is not flagged counts
--   as none.
SELECT year(month) AS year, definition, sum(n_offences)::BIGINT AS n_offences,
       coalesce(sum(n_offences) FILTER (knife = 'yes'), 0)::BIGINT AS n_knife,
       round(n_knife / sum(n_offences), 3) AS knife_share,
       coalesce(sum(n_offences) FILTER (knife = 'yes' AND offence_group <> 'possession'), 0)::BIGINT
           AS n_knife_without_possession,
       round(n_knife_without_possession / sum(n_offences) FILTER (offence_group <> 'possession'), 3)
           AS knife_share_without_possession
FROM incident_slices JOIN definitions USING (definition)
WHERE source = 'police' AND hours = 'all'
GROUP BY ALL ORDER BY year, definition;
