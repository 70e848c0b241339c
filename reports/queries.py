"""What the pages ask the published copy."""

AS_OF = "SELECT max(decided_as_of) AS as_of FROM decisions"
COUNTED = "SELECT min(evening) AS first, count(DISTINCT evening) AS n FROM night_counts WHERE is_covered"
SPAN = """
SELECT (SELECT min(evening) FROM night_counts WHERE definition = ?) AS first,
       (SELECT max(evening) FROM bands WHERE definition = ?) AS last
"""
COUNTS = """
SELECT evening, centre_code, source, n_incidents, is_covered, known_at FROM night_counts
WHERE definition = ? AND evening BETWEEN ? AND ?
"""
BANDS = "SELECT * FROM bands WHERE definition = ? AND evening BETWEEN ? AND ?"
JUDGEMENTS = """
SELECT * FROM judgements WHERE definition = ? AND evening BETWEEN ? AND ?
QUALIFY row_number() OVER (PARTITION BY evening, centre_code, source ORDER BY as_of DESC) = 1
"""
EVENTS = "SELECT evening, events FROM nights WHERE evening BETWEEN ? AND ? AND events <> ''"
COMPLETENESS = """
SELECT source, age_days, known_share FROM completeness
QUALIFY as_of = max(as_of) OVER (PARTITION BY source) ORDER BY source, age_days
"""
COVERAGE = """
SELECT evening, source, centre_code, is_covered FROM night_counts
WHERE definition = ? AND evening BETWEEN ? AND ?
"""
DELIVERIES = """
SELECT d.delivery_id, d.source, d.file_name, d.known_at, d.covers_to_at, d.is_history, d.is_conformed,
       v.verdict, v.n_rows, v.n_accepted, v.n_quarantined, v.n_warnings, v.summary
FROM deliveries d
LEFT JOIN (SELECT * FROM verdicts WHERE verdict <> 'already_seen'
           QUALIFY row_number() OVER (PARTITION BY delivery_id ORDER BY decided_at DESC) = 1) v USING (delivery_id)
ORDER BY d.known_at DESC, d.source
"""
STRAYS = (
    "SELECT folder, name, why, first_seen_at, last_seen_at FROM inbox_strays ORDER BY last_seen_at DESC, name"
)
ALERTS = "SELECT * FROM alerts WHERE changed_as_of >= ? ORDER BY raised_as_of DESC, alert_id"
ALERTS_OF_SPAN = (
    "SELECT * FROM alerts WHERE first_evening <= ? AND last_evening >= ? ORDER BY raised_as_of, alert_id"
)
ALERT_CHANNELS = "SELECT * FROM alert_channels"
SAID = """
SELECT alert_id, channel, kind, status, status_reason, message, sequence, written_at FROM outbox
WHERE kind IN ('head', 'edit') AND purpose IN ('alert', 'answer') AND alert_id <> '' ORDER BY sequence
"""
"""The first message of each alert in each channel, and what it was made since: asked of the warehouse, for the copy."""
SILENCES = "SELECT * FROM silences ORDER BY starts_at"
SHIFTS = "SELECT * FROM level_shifts WHERE as_of = (SELECT max(as_of) FROM band_scores) ORDER BY source, centre_code"
DRIFTS = """
SELECT source, span FROM band_scores
WHERE as_of = (SELECT max(as_of) FROM band_scores) AND is_out_of_bounds ORDER BY source
"""
REVISIONS = """
SELECT known_at, source, n_incidents, is_covered FROM night_count_revisions
WHERE definition = ? AND evening = ? AND centre_code = ? ORDER BY known_at, source
"""
JUDGED_MORNINGS = """
SELECT as_of, source, n_incidents, verdict, why_unknown, expected_so_far, limit_so_far, known_share,
       stands_chance FROM judgements
WHERE definition = ? AND evening = ? AND centre_code = ? ORDER BY as_of, source
"""
ALERTS_OF_NIGHT = """
SELECT * FROM alerts WHERE centre_code = ? AND ? BETWEEN first_evening AND last_evening ORDER BY first_evening, alert_id
"""
SAID_DECISIONS = """
SELECT alert_id, decided_as_of, reason, facts FROM decisions
WHERE is_said AND alert_id IN (SELECT alert_id FROM alerts WHERE first_evening <= ? AND last_evening >= ?)
ORDER BY decided_as_of, alert_id
"""
DECISIONS = """
SELECT alert_id, decided_as_of, reason, is_said FROM decisions
WHERE alert_id IN (SELECT alert_id FROM alerts WHERE centre_code = ? AND ? BETWEEN first_evening AND last_evening)
ORDER BY decided_as_of, alert_id
"""
ANSWERS = """
SELECT * FROM acknowledgements
WHERE alert_id IN (SELECT alert_id FROM alerts WHERE centre_code = ? AND ? BETWEEN first_evening AND last_evening)
ORDER BY made_at
"""
EVALUATED = "SELECT max(as_of) AS as_of FROM intervention_effects WHERE intervention_id = ? AND as_of <= ?"
EVALUATION = "SELECT * FROM {} WHERE intervention_id = ? AND as_of = ? ORDER BY ALL"
"""Of one of the tables of interventions."""
NIGHTS_OF_PLACE = """
SELECT source, date_trunc('quarter', evening)::DATE AS quarter, sum(n_incidents)::BIGINT AS n FROM (
    SELECT * FROM night_count_revisions WHERE centre_code = ? AND definition = ? AND known_at <= ?
    QUALIFY row_number() OVER (PARTITION BY evening, source ORDER BY known_at DESC) = 1
) WHERE n_incidents IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
