-- Monthly series with the days on which recording changed.
-- Answers: offences, occurrences and victims of each month on both definitions, whether all of its days are
--   accounted for, and what is recorded otherwise from that month.
-- Does not answer: what a month would have been without a change of recording.
SELECT c.month, d.definition, if(c.n_nights_covered > 0, coalesce(sum(n_offences), 0)::BIGINT, NULL) AS n_offences,
       if(c.n_nights_covered > 0, coalesce(sum(n_incidents), 0)::BIGINT, NULL) AS n_occurrences,
       if(c.n_nights_covered > 0, coalesce(sum(n_victims), 0)::BIGINT, NULL) AS n_victims,
       day(last_day(c.month)) AS n_days, c.n_nights_covered AS n_days_covered,
       max(known_share) FILTER (s.time_class = 'day') AS known_share,
       (SELECT string_agg(if(offence_group = '', 'all', offence_group) || ' from ' || first_day, ', ')
        FROM recording_changes r WHERE r.source = c.source AND date_trunc('month', first_day) = c.month)
           AS recorded_otherwise
FROM month_coverage c
JOIN definitions d ON hours = 'all' AND list_contains(d.sources, c.source)
LEFT JOIN incident_slices s ON s.month = c.month AND s.source = c.source AND s.definition = d.definition
WHERE c.source = 'police' AND c.time_class = 'day'
GROUP BY c.month, c.source, c.n_nights_covered, d.definition ORDER BY c.month DESC, d.definition;
