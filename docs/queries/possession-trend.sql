-- Possession of weapons by quarter.
-- Answers: how many offences of possession were recorded, and how many of them with a knife.
-- Does not answer: how many weapons are carried: these offences follow searches and patrols.
WITH days AS (
    SELECT date_trunc('quarter', month)::DATE AS quarter, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE source = 'police' AND time_class = 'day' GROUP BY ALL
)
SELECT quarter, district, sum(n_offences)::BIGINT AS n_offences,
       coalesce(sum(n_offences) FILTER (knife = 'yes'), 0)::BIGINT AS n_with_knife,
       any_value(date_diff('day', quarter, quarter + INTERVAL 3 MONTH)) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices LEFT JOIN days ON quarter = date_trunc('quarter', month)
WHERE offence_group = 'possession' AND definition = (SELECT max(definition) FROM definitions WHERE hours = 'all')
GROUP BY ALL ORDER BY quarter DESC, district;
