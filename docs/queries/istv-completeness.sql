-- How complete each hospital's attendances are.
-- Answers: the share of attendances with time, place and method stated, how late they come, and nights of
--   silence, by hospital and month.
-- Does not answer: whether what is stated is right.
SELECT month, site_code, n_attendances, round(time_stated_share, 3) AS time_stated_share,
       round(time_exact_share, 3) AS time_exact_share, round(place_written_share, 3) AS place_written_share,
       round(place_in_centre_share, 3) AS place_in_centre_share, round(place_elsewhere_share, 3) AS place_elsewhere_share,
       round(place_unknown_share, 3) AS place_unknown_share, round(method_stated_share, 3) AS method_stated_share,
       round(method_specific_share, 3) AS method_specific_share, round(median_lag_days, 1) AS median_lag_days, n_silent_nights
FROM istv_scorecard ORDER BY month DESC, site_code;
