"""What came of each alert: asked of the warehouse in one place, for the published copy and the line of a month."""

from datetime import timedelta
from typing import Final

from nte.words import AlertState, Answered, MessageStatus, Verdict

AFTER: Final = timedelta(days=14)
"""So long after an alert its following nights are looked at, and people are asked whether it was useful."""

OUTCOMES: Final = f"""
WITH told AS (
    SELECT alert_id, min(posted_at) AS told_at FROM outbox
    WHERE kind = 'head' AND purpose = 'alert' AND status <> '{MessageStatus.NOT_POSTED}' GROUP BY alert_id
), answered AS (
    SELECT alert_id, min(made_at) FILTER (kind = '{Answered.ACTED_ON}') AS acted_on_at,
           array_to_string(list_sort(list_distinct(flatten(
               list(string_split(actions, ',')) FILTER (actions <> '')))), ',') AS actions,
           arg_max(kind, made_at) FILTER (kind IN ('{Answered.KNOWN_EVENT}', '{Answered.DATA_FAULT}')) AS explained_as
    FROM acknowledgements GROUP BY alert_id
), used AS (
    SELECT alert_id, count(*) FILTER (kind = '{Answered.USEFUL}') AS n_useful,
           count(*) FILTER (kind = '{Answered.NOT_USEFUL}') AS n_not_useful,
           count(*) FILTER (kind = '{Answered.TOO_LATE}') AS n_too_late
    FROM (SELECT alert_id, made_by, arg_max(kind, made_at) AS kind FROM acknowledgements
          WHERE kind IN ('{Answered.USEFUL}', '{Answered.NOT_USEFUL}', '{Answered.TOO_LATE}')
          GROUP BY alert_id, made_by)
    GROUP BY alert_id
), latest AS (
    SELECT evening, centre_code, definition, source, arg_max(verdict, as_of) AS verdict FROM judgements
    WHERE centre_code IN (SELECT centre_code FROM alerts) GROUP BY ALL
), after AS (
    SELECT a.alert_id, count(DISTINCT n.evening) FILTER (n.verdict <> '{Verdict.UNKNOWN}') AS n_nights_after,
           count(DISTINCT n.evening) FILTER (n.verdict IN ('{Verdict.ABOVE}', '{Verdict.FAR_ABOVE}')) AS n_above_after
    FROM alerts a JOIN latest n ON n.centre_code = a.centre_code AND n.definition = a.definition
         AND n.evening > a.last_evening AND n.evening <= a.last_evening + {AFTER.days}
    GROUP BY a.alert_id
)
SELECT a.alert_id, a.centre_code, a.first_evening, a.last_evening, a.raised_as_of,
       a.state = '{AlertState.WITHDRAWN}' AS is_withdrawn, a.state = '{AlertState.COMPLETED}' AS is_complete,
       told.told_at, answered.acted_on_at, coalesce(answered.actions, '') AS actions, answered.explained_as,
       coalesce(after.n_nights_after, 0) AS n_nights_after, coalesce(after.n_above_after, 0) AS n_above_after,
       coalesce(used.n_useful, 0) AS n_useful, coalesce(used.n_not_useful, 0) AS n_not_useful,
       coalesce(used.n_too_late, 0) AS n_too_late
FROM alerts a JOIN told USING (alert_id)
LEFT JOIN answered USING (alert_id) LEFT JOIN used USING (alert_id) LEFT JOIN after USING (alert_id)
ORDER BY a.raised_as_of, a.alert_id
"""
"""A row an alert of which people were told; its columns are those of `ALERT_OUTCOMES`."""
