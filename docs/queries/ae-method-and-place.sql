-- How and where the attended were hurt.
-- Answers: night attendances of each year by method and by kind of place, with what is not known.
-- Does not answer: assaults by day: the measure of hospitals counts nights.
SELECT year(month) AS year, method_group, location_group, sum(n_incidents)::BIGINT AS n_attendances
FROM incident_slices WHERE source = 'ae' AND time_class LIKE '%night'
GROUP BY ALL ORDER BY year, n_attendances DESC;
