"""Progress is said: what an older home has done is read once from the rows that it left.

Version 1 called every night without a delivery `not_covered` and said that the delivery had not come: `late`.
"""

from typing import Final

from nte.migrations.migration import Migration

_LOOKS = """
    WITH rolls AS (
        SELECT decided_as_of AS as_of, contains(split_part(decision_id, '@', 2), 'T') AS is_later
        FROM decisions WHERE alert_id = ''
    ), looks AS (
        SELECT as_of FROM completeness UNION SELECT as_of FROM judgements UNION SELECT as_of FROM rolls
    ), marked AS (
        SELECT as_of, coalesce(bool_or(is_later), false) AS is_later
        FROM looks LEFT JOIN rolls USING (as_of) GROUP BY as_of
    )
    SELECT as_of, max(CASE WHEN NOT is_later THEN as_of END) OVER (ORDER BY as_of) AS morning
    FROM marked WHERE as_of::DATE > (SELECT min(evening) FROM bands)
"""

MIGRATION: Final = Migration(
    2,
    "each step says which morning it has done, and why a night is not known is said in one word everywhere",
    (
        'CREATE TABLE "progress" ("step" VARCHAR NOT NULL, "morning" TIMESTAMPTZ NOT NULL, '
        '"as_of" TIMESTAMPTZ NOT NULL, "done_at" TIMESTAMPTZ NOT NULL, "knowledge" VARCHAR NOT NULL)',
        f"INSERT INTO progress SELECT 'judge_nights', coalesce(morning, as_of), as_of, as_of, '' FROM ({_LOOKS}) "
        "WHERE as_of <= (SELECT greatest((SELECT max(as_of) FROM judgements), (SELECT max(as_of) FROM window_scores)))",
        "INSERT INTO progress SELECT 'decide_alerts', morning, as_of, done_at, '' FROM progress "
        "WHERE as_of <= (SELECT max(decided_as_of) FROM decisions WHERE alert_id = '')",
        "INSERT INTO progress SELECT DISTINCT 'score_bands', as_of, as_of, as_of, '' FROM band_scores",
        "UPDATE judgements SET why_unknown = 'late' WHERE why_unknown = 'not_covered'",
        "INSERT INTO progress SELECT DISTINCT 'issue_bands', issued_as_of, issued_as_of, issued_as_of, '' FROM bands",
    ),
)
