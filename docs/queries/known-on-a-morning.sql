-- What was known of a weekend on the Monday after, and now.
-- Answers: the night counts of the latest full weekend in each town centre as known on its Monday morning,
--   beside what is known now.
-- Does not answer: what was known of months: `as_known` is of nights.
WITH monday AS (
    SELECT max(closes_at) AS morning, max(evening) AS sunday FROM nights
    WHERE isodow(evening) = 7 AND closes_at <= (SELECT as_of FROM publication)
)
SELECT n.evening, name AS town_centre, n.source, k.n_incidents AS n_on_monday, n.n_incidents AS n_now, k.known_at, n.is_covered
FROM night_counts n CROSS JOIN monday
JOIN places ON place_code = n.centre_code
LEFT JOIN as_known((SELECT morning FROM monday)) k
  ON k.evening = n.evening AND k.centre_code = n.centre_code AND k.source = n.source AND k.definition = n.definition
WHERE n.definition = 'nte-violence' AND kind = 'centre' AND n.evening BETWEEN sunday - 2 AND sunday
ORDER BY n.evening, town_centre, n.source;
