-- Grievous bodily harm with and without intent.
-- Answers: offences, victims and victims under 25 of each by quarter and district, with the change since the
--   year before.
-- Does not answer: how a case was charged in the end: a recorded crime may be classed anew, and then moves with
--   its correction.
SELECT quarter, geography, kpi_id, unit, value::BIGINT AS n, round(ratio, 2) AS ratio, round(ratio_lower, 2) AS ratio_lower,
       round(ratio_upper, 2) AS ratio_upper, is_final, caveat
FROM kpi_quarterly
WHERE kpi_id IN ('gbh_with_intent', 'gbh_without_intent') AND kpi_set = '2024' AND unit <> 'share_under_25'
  AND definition = (SELECT max(definition) FROM definitions WHERE hours = 'all')
ORDER BY quarter DESC, geography, kpi_id, unit;
