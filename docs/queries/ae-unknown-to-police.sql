-- Attendances of which the police were not told.
-- Answers: in which share of attendances a hospital says whether the police were informed; where it is low
--   nothing more can be said.
-- Does not answer: how many attendances the police do not know: a hospital's 'no' is what somebody was told at
--   the desk.
SELECT site_code, year(month) AS year, sum(n_attendances)::BIGINT AS n_attendances,
       round(sum(police_informed_known_share * n_attendances)
             / sum(n_attendances) FILTER (police_informed_known_share IS NOT NULL), 3) AS police_informed_known_share
FROM istv_scorecard GROUP BY ALL ORDER BY site_code, year;
