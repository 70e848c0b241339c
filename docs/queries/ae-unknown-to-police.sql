-- Attendances of which the police were not told.
-- Answers: in which share of attendances a hospital says whether the police were informed; where it is low
--   nothing more can be said.
-- Does not answer: how many attendances the police do not know: a hospital's 'no' is what somebody was told at
--   the desk.
WITH days AS (
    SELECT source, year(month) AS year, dayofyear(make_date(year, 12, 31)) AS n_days, sum(n_nights_covered)::BIGINT AS n_days_covered
    FROM month_coverage WHERE time_class = 'day' GROUP BY ALL
)
SELECT site_code, year(month) AS year, sum(n_attendances)::BIGINT AS n_attendances,
       round(sum(police_informed_known_share * n_attendances)
             / sum(n_attendances) FILTER (police_informed_known_share IS NOT NULL), 3) AS police_informed_known_share,
       any_value(n_days) AS n_days, any_value(n_days_covered) AS n_days_covered
FROM istv_scorecard s LEFT JOIN days ON days.source = s.source AND days.year = year(month)
GROUP BY ALL ORDER BY site_code, year;
