"""The receipt that stands in the place of a delivery that may not be kept."""

import json
from datetime import datetime

from expectations.judging import Judgement
from nte.deliveries.inbox import Arrival
from nte.deliveries.kept_files import Received

MOST_ROWS = 1000


def receipt_of(arrival: Arrival, received: Received, judgement: Judgement, now: datetime) -> bytes:
    """Return, as JSON, what was refused and where the fault stands: columns and row numbers, no value."""
    receipt = {
        "file_name": arrival.file_name,
        "source": arrival.source,
        "sha256": received.sha256,
        "n_bytes": received.n_bytes,
        "n_rows": judgement.n_rows,
        "refused_at": now.isoformat(),
        "why": f"{'personal data' if judgement.findings else 'it is no text'}; the file was removed",
        "found": [
            {"kind": f.kind, "column": f.column, "n_rows": len(f.rows), "rows": list(f.rows[:MOST_ROWS])}
            for f in judgement.findings
        ],
    }
    return json.dumps(receipt, indent=2).encode()
