"""What `nte scores` shows: how well past bands and past alerts did."""

from rich.console import Console

from forecasts.scoring.alert_table import alert_tables
from forecasts.scoring.score_table import scores_tables
from nte.settings import Settings
from nte.warehouse import read_published

HAS_ALERT_SCORES = "SELECT table_name FROM information_schema.tables WHERE table_name = 'alert_scores'"


def show_scores(console: Console, settings: Settings) -> None:
    """Print the scores of the latest Monday in the published copy; one that was made before they were kept has none."""
    published = settings.published_file
    for table in scores_tables(read_published(published, "SELECT * FROM band_scores")):
        console.print(table)
    if read_published(published, HAS_ALERT_SCORES).height:
        for part in alert_tables(read_published(published, "SELECT * FROM alert_scores")):
            console.print(part, highlight=False)
