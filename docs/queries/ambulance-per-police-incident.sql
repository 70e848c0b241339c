-- Ambulance incidents for each police incident.
-- Answers: how many attended assaults there are at night for each police incident, by town centre and year: a
--   change says that one of them records otherwise or hears less.
-- Does not answer: how many incidents both know: they overlap little, are shown side by side and never added.
SELECT name AS town_centre, year(evening) AS year, sum(n_incidents) FILTER (source = 'police')::BIGINT AS n_police,
       sum(n_incidents) FILTER (source = 'emas')::BIGINT AS n_ambulance,
       round(n_ambulance / nullif(n_police, 0), 2) AS ambulance_per_police
FROM night_counts JOIN places ON place_code = centre_code
WHERE kind = 'centre' AND definition = 'nte-violence' AND source IN ('police', 'emas') AND is_covered
GROUP BY ALL ORDER BY town_centre, year;
