-- Friday nights against Saturday nights.
-- Answers: the mean of a covered Friday and Saturday night of each town centre and source over the last 52
--   weeks, and their ratio.
-- Does not answer: a difference by chance: with fewer than about fifty incidents on both the ratio may be either
--   side of one.
SELECT name AS town_centre, source, round(avg(n_incidents) FILTER (isodow(evening) = 5), 2) AS friday_mean,
       round(avg(n_incidents) FILTER (isodow(evening) = 6), 2) AS saturday_mean,
       round(saturday_mean / nullif(friday_mean, 0), 2) AS saturday_to_friday,
       sum(n_incidents) FILTER (isodow(evening) IN (5, 6))::BIGINT AS n_incidents,
       count(*) FILTER (isodow(evening) IN (5, 6) AND is_covered) AS n_nights_covered
FROM night_counts JOIN places ON place_code = centre_code
WHERE kind = 'centre' AND definition = 'nte-violence' AND evening > (SELECT max(evening) FROM night_counts) - 364
GROUP BY name, source HAVING sum(n_incidents) IS NOT NULL ORDER BY source, town_centre;
