-- What the wider definition adds.
-- Answers: offences by month on each of the Board's definitions side by side, and how many of the wider one's
--   are actual bodily harm.
-- Does not answer: what the older series would have become: the two are counted over all of history and never
--   spliced.
WITH days AS (
    SELECT month, day(last_day(month)) AS n_days, n_nights_covered AS n_days_covered
    FROM month_coverage WHERE source = 'police' AND time_class = 'day'
)
SELECT month, definition, sum(n_offences)::BIGINT AS n_offences,
       coalesce(sum(n_offences) FILTER (offence_group = 'abh'), 0)::BIGINT AS n_abh,
       round(n_abh / sum(n_offences), 3) AS abh_share,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices JOIN definitions USING (definition) LEFT JOIN days USING (month)
WHERE source = 'police' AND hours = 'all'
GROUP BY month, definition ORDER BY month DESC, definition;
