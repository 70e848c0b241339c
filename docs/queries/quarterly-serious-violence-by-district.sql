-- Serious violence by quarter and district, on both of the Board's definitions.
-- Answers: offences, occurrences' victims and the change since the same quarter a year before, with its interval
--   and what must be said with it.
-- Does not answer: why it changed; nor may two definitions be added or spliced: the newer one also has actual
--   bodily harm.
SELECT quarter, geography, definition, unit, value::BIGINT AS n, same_quarter_last_year::BIGINT AS n_last_year,
       round(ratio, 2) AS ratio, round(ratio_lower, 2) AS ratio_lower, round(ratio_upper, 2) AS ratio_upper,
       round(known_share, 3) AS known_share, is_final, caveat
FROM kpi_quarterly
WHERE kpi_id = 'serious_violence' AND kpi_set = '2024' AND unit IN ('offence', 'victim')
ORDER BY quarter DESC, geography, definition, unit;
