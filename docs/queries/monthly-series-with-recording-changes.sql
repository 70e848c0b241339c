-- Monthly series with the days on which recording changed.
-- Answers: offences, occurrences and victims of each month on both definitions, whether all of its days are
--   accounted for, and what is recorded otherwise from that month.
-- Does not answer: what a month would have been without a change of recording.
SELECT c.month, definition, sum(n_offences)::BIGINT AS n_offences, sum(n_incidents)::BIGINT AS n_occurrences,
       sum(n_victims)::BIGINT AS n_victims, day(last_day(c.month)) AS n_days,
       any_value(c.n_nights_covered) AS n_days_covered, max(known_share) FILTER (s.time_class = 'day') AS known_share,
       (SELECT string_agg(if(offence_group = '', 'all', offence_group) || ' from ' || first_day, ', ')
        FROM recording_changes r WHERE r.source = c.source AND date_trunc('month', first_day) = c.month)
           AS recorded_otherwise
FROM month_coverage c
LEFT JOIN incident_slices s ON s.month = c.month AND s.source = c.source
JOIN definitions USING (definition)
WHERE c.source = 'police' AND c.time_class = 'day' AND hours = 'all'
GROUP BY c.month, c.source, definition ORDER BY c.month DESC, definition;
