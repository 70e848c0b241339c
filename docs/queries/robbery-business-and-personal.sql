-- Robbery of business and of personal property.
-- Answers: both by month, with the day from which one of them was recorded otherwise.
-- Does not answer: whether robbery of business property rose or fell across that day: the two sides are not
--   comparable.
WITH days AS (
    SELECT month, day(last_day(month)) AS n_days, n_nights_covered AS n_days_covered
    FROM month_coverage WHERE source = 'police' AND time_class = 'day'
)
SELECT month, offence_group, sum(n_offences)::BIGINT AS n_offences,
       (SELECT max(first_day) FROM recording_changes c
        WHERE c.source = 'police' AND c.offence_group = s.offence_group AND c.first_day < s.month + INTERVAL 1 MONTH)
           AS recorded_otherwise_since,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM incident_slices s LEFT JOIN days USING (month)
WHERE offence_group LIKE 'robbery%' AND definition = (SELECT max(definition) FROM definitions WHERE hours = 'all')
GROUP BY month, offence_group ORDER BY month DESC, offence_group;
