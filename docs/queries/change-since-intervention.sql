-- Change since an intervention began.
-- Answers: what was counted since each intervention of the area folder began, beside what would have come
--   without it, with its interval, its place among placebos and the mildest fall that would have been seen.
-- Does not answer: why; and nothing of one that `nte evaluate` has not evaluated yet. A ratio without its interval
--   says nothing.
SELECT i.intervention_id, p.name AS town_centre, i.starts_on, i.is_post_hoc, e.source, e.definition, e.method, e.as_of,
       e.n_observed, round(e.n_counterfactual, 1) AS n_counterfactual, round(e.ratio, 2) AS ratio,
       round(e.lower, 2) AS ratio_lower, round(e.upper, 2) AS ratio_upper, e.placebo_rank, e.n_placebos,
       round(e.detectable_ratio, 2) AS detectable_ratio, e.n_nights, e.n_nights_covered, e.why_not
FROM intervention_effects e JOIN interventions i USING (intervention_id) JOIN places p ON p.place_code = i.place_code
QUALIFY e.as_of = max(e.as_of) OVER (PARTITION BY e.intervention_id)
ORDER BY i.intervention_id, e.source, e.method;
