-- What recorded violence cost, against the year before.
-- Answers: by quarter, in pounds of one price year, what the recorded offences of the groups with a unit cost cost in the
--   whole area, with the sums of their bounds, and how that differs from the same quarter a year before.
-- Does not answer: what all violence costs: groups without a unit cost and what nobody recorded are not in it. The bounds
--   are those of the counts; how far the unit costs themselves are right, their source does not say. Name the price
--   year and the citation (unit_costs) with every figure.
WITH quarters AS (
    SELECT quarter, sum(n_offences)::BIGINT AS n_offences, sum(gbp)::BIGINT AS gbp, sum(gbp_lower)::BIGINT AS gbp_lower,
           sum(gbp_upper)::BIGINT AS gbp_upper, max(price_year) AS price_year,
           count(*) FILTER (gbp IS NULL) AS n_groups_not_shown
    FROM cost_quarter WHERE district = 'area' GROUP BY quarter
)
SELECT now.*, before.gbp AS gbp_year_before,
       CASE WHEN now.n_groups_not_shown + before.n_groups_not_shown = 0 THEN now.gbp - before.gbp END AS gbp_change,
       CASE WHEN now.n_groups_not_shown + before.n_groups_not_shown = 0
            THEN round(100.0 * (now.gbp - before.gbp) / nullif(before.gbp, 0), 1) END AS percent_change
FROM quarters now
LEFT JOIN quarters before ON before.quarter = (left(now.quarter, 4)::INT - 1) || right(now.quarter, 2)
ORDER BY now.quarter DESC;
