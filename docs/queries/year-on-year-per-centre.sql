-- Year on year for each town centre.
-- Answers: night incidents of the last 52 weeks against the 52 before, on nights that were covered in both, with
--   a 95 % interval.
-- Does not answer: why; and the interval knows chance alone (Poisson, on the log scale): with real scatter it is
--   wider.
WITH nights AS (
    SELECT centre_code, source, evening, n_incidents, (SELECT max(evening) FROM night_counts) AS last
    FROM night_counts WHERE definition = 'nte-violence' AND is_covered
), pairs AS (
    SELECT now.centre_code, now.source, sum(now.n_incidents)::BIGINT AS n, sum(before.n_incidents)::BIGINT AS n_before,
           count(*) AS n_nights
    FROM nights now JOIN nights before
      ON before.centre_code = now.centre_code AND before.source = now.source AND before.evening = now.evening - 364
    WHERE now.evening > now.last - 364 GROUP BY ALL
)
SELECT name AS town_centre, district, source, n, n_before, n_nights,
       round(n / nullif(n_before, 0), 2) AS ratio,
       CASE WHEN n > 0 AND n_before > 0 THEN round(n / n_before * exp(-1.96 * sqrt(1 / n + 1 / n_before)), 2) END AS ratio_lower,
       CASE WHEN n > 0 AND n_before > 0 THEN round(n / n_before * exp(1.96 * sqrt(1 / n + 1 / n_before)), 2) END AS ratio_upper
FROM pairs JOIN places ON place_code = centre_code WHERE kind = 'centre' ORDER BY source, town_centre;
