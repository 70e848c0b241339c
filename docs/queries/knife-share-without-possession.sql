-- Share of offences with a knife, with and without possession.
-- Answers: which part of serious violence involves a knife by year, and what is left when mere possession is
--   taken out.
-- Does not answer: whether a knife was used: the flag says that one was involved, and what is not flagged counts
--   as none.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT year(month) AS year, definition, sum(n_offences)::BIGINT AS n_offences,
       coalesce(sum(n_offences) FILTER (knife = 'yes'), 0)::BIGINT AS n_knife,
       round(n_knife / sum(n_offences), 3) AS knife_share,
       coalesce(sum(n_offences) FILTER (knife = 'yes' AND offence_group <> 'possession'), 0)::BIGINT
           AS n_knife_without_possession,
       round(n_knife_without_possession / sum(n_offences) FILTER (offence_group <> 'possession'), 3)
           AS knife_share_without_possession,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s JOIN definitions USING (definition)
LEFT JOIN days ON days.source = s.source AND days.year = year(month)
WHERE s.source = 'police' AND hours = 'all'
GROUP BY ALL ORDER BY year, definition;
