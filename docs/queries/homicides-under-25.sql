-- Homicides of five years, and of victims under 25.
-- Answers: how many homicides that are not flagged as domestic were recorded in each quarter, with a knife and
--   of victims under 25, and of how many of its days that is; an empty number is not known, not nought.
-- Does not answer: a trend: they are so few that a percentage would say nothing, and none is given.
SELECT quarter, definition, kpi_id, unit, value::BIGINT AS n, n_days, n_days_covered, is_final, caveat
FROM kpi_quarterly
WHERE kpi_id IN ('homicide', 'homicide_knife') AND kpi_set = '2024' AND geography = 'area'
QUALIFY dense_rank() OVER (ORDER BY quarter DESC) <= 20
ORDER BY quarter DESC, definition, kpi_id, unit;
