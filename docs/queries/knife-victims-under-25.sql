-- Victims of knife violence under 25.
-- Answers: how many victims with a knife are known to be under 25 by quarter, and their share of those whose age
--   is known.
-- Does not answer: the age of victims whose record says none, and nothing before ages were kept: their quarters
--   have no share.
SELECT quarter, geography, definition, max(numerator) FILTER (unit = 'victim') AS n_victims,
       max(numerator) FILTER (unit = 'victim_under_25') AS n_under_25,
       round(max(value) FILTER (unit = 'share_under_25'), 3) AS share_under_25,
       max(denominator) FILTER (unit = 'share_under_25') AS n_age_known, any_value(caveat) AS caveat
FROM kpi_quarterly WHERE kpi_id = 'knife_serious_violence' AND kpi_set = '2024'
GROUP BY quarter, geography, definition ORDER BY quarter DESC, geography, definition;
