-- Town centres for a map.
-- Answers: each town centre with its middle (WGS84) and the police's night incidents of the last 52 weeks.
-- Does not answer: a map that may be shared: the counts are exact.
SELECT c.centre_code, c.name, c.district, c.latitude, c.longitude, c.radius_m, c.is_placeholder,
       sum(n_incidents)::BIGINT AS n_incidents, count(*) FILTER (is_covered) AS n_nights_covered
FROM town_centres c LEFT JOIN night_counts n
  ON n.centre_code = c.centre_code AND n.definition = 'nte-violence' AND n.source = 'police'
 AND n.evening > (SELECT max(evening) FROM night_counts) - 364
WHERE c.valid_to IS NULL GROUP BY ALL ORDER BY n_incidents DESC NULLS LAST;
