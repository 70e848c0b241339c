-- Homicides of five years, and of victims under 25.
-- Answers: how many homicides that are not flagged as domestic were recorded in each quarter, with a knife and
--   of victims under 25.
-- Does not answer: a trend: they are so few that a percentage would say nothing, and none is given.
SELECT quarter, definition, kpi_id, unit, value::BIGINT AS n, is_final
FROM kpi_quarterly
WHERE kpi_id IN ('homicide', 'homicide_knife') AND kpi_set = '2024' AND geography = 'area'
ORDER BY quarter DESC, definition, kpi_id, unit;
