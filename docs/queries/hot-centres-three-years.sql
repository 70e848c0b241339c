-- The busiest town centres over three years.
-- Answers: night incidents of each town centre in each of the last three times 52 weeks by source, the busiest
--   first, with covered nights.
-- Does not answer: where in a centre: no venue and no street is kept.
WITH counted AS (
    SELECT centre_code, source, n_incidents, is_covered,
           ((SELECT max(evening) FROM night_counts) - evening) // 364 AS years_ago
    FROM night_counts WHERE definition = 'nte-violence'
)
SELECT name AS town_centre, district, source, sum(n_incidents)::BIGINT AS n_three_years,
       sum(n_incidents) FILTER (years_ago = 2)::BIGINT AS n_two_years_ago,
       sum(n_incidents) FILTER (years_ago = 1)::BIGINT AS n_a_year_ago,
       sum(n_incidents) FILTER (years_ago = 0)::BIGINT AS n_last_52_weeks,
       count(*) FILTER (is_covered) AS n_nights_covered
FROM counted JOIN places ON place_code = centre_code
WHERE kind = 'centre' AND years_ago < 3
GROUP BY ALL HAVING n_three_years IS NOT NULL ORDER BY source, n_three_years DESC;
