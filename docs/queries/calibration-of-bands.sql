-- Do the bands mean what they say.
-- Answers: what the issued bands promised and what came, as known on the latest Monday, by source and span.
-- Does not answer: whether a single alert was right: `nte scores` says what became of them.
SELECT source, span, n_nights, round(within_80_share, 3) AS within_80, round(within_80_promised_share, 3) AS within_80_promised,
       round(above_upper_share, 4) AS above_upper, round(above_upper_promised_share, 4) AS above_upper_promised,
       n_exceedances, round(n_exceedances_promised, 1) AS n_exceedances_promised, round(mean_pit, 3) AS mean_pit, is_out_of_bounds
FROM band_scores WHERE as_of = (SELECT max(as_of) FROM band_scores) ORDER BY span, source;
