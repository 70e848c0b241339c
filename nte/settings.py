"""Settings of one installation, read from NTE_* environment variables where they are needed."""

from datetime import date
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from nte.errors import MisuseError

CHECKOUT = Path(__file__).resolve().parent.parent
SYNTAX = "?#%$*\"'`\\"
"""Signs that mean something in the address of a database, in airflow.cfg or in SQL."""


class Settings(BaseSettings):
    """Where the state of this installation lives and which area it serves."""

    model_config = SettingsConfigDict(env_prefix="NTE_", frozen=True)

    home: Path = Field(default=CHECKOUT / "var", description="all state lives under this folder")
    area: Path = Field(default=CHECKOUT / "areas" / "derbyshire", description="the area's folder of data")
    inbox: Path | None = Field(default=None, description="where providers put files; default <home>/inbox")
    warehouse_wait_seconds: float = Field(default=120.0, description="how long to wait for the warehouse")
    manifest_wait_minutes: float = Field(
        default=10.0, ge=0, description="how long a new file waits for a manifest that its feed usually sends"
    )
    shared: str = Field(
        default="", description="address of the folder that all workers share; default <home>/lake/bands"
    )
    centres_per_shard: int = Field(default=50, gt=0, description="town centres that one forecast task takes")
    metrics: str = Field(
        default="", description="where Airflow's own metrics go: statsd://HOST:PORT or otlp://HOST:PORT"
    )
    lineage: str = Field(
        default="",
        description="where Airflow tells lineage, in OpenLineage: file:///PATH or http(s)://HOST:PORT (extra: lineage)",
    )
    base_url: str = Field(default="", description="address under which the pages are served, for links")
    heartbeat_url: str = Field(
        default="", description="address that is called after each healthy morning, so that silence can alarm"
    )

    metadata: str = Field(
        default="", description="address of Airflow's own database where it is not the file in the home"
    )

    @field_validator("home")
    @classmethod
    def _can_be_named_everywhere(cls, home: Path) -> Path:
        """Raise MisuseError for a path that a database address or a config file would misread."""
        wrong = sorted({sign for sign in str(home.absolute()) if sign in SYNTAX or not sign.isprintable()})
        if wrong:
            raise MisuseError(
                f"{home}: the path holds {' '.join(map(ascii, wrong))}, which databases and Airflow misread. Set "
                "NTE_HOME to a folder without such signs; spaces are fine."
            )
        return home

    @property
    def inbox_folder(self) -> Path:
        """The folder that providers write to, one sub-folder a source."""
        return self.inbox or self.home / "inbox"

    @property
    def pickup(self) -> Path:
        """What was fetched from providers, as lists, and what of a file has come so far."""
        return self.home / "pickup"

    @property
    def warehouse_file(self) -> Path:
        """The DuckDB file that only the pipeline opens."""
        return self.home / "warehouse" / "nte.duckdb"

    @property
    def published_file(self) -> Path:
        """The DuckDB file that analysts open."""
        return self.home / "published" / "nte.duckdb"

    @property
    def partners_file(self) -> Path:
        """The DuckDB file that partners get: the newest edition."""
        return self.published_file.with_name("partners.duckdb")

    def partner_edition(self, day: date) -> Path:
        """The same of one edition, which stays as it is."""
        return self.published_file.parent / "editions" / f"partners-{day}.duckdb"

    @property
    def partners_site(self) -> Path:
        """The pages that partners read, without a server."""
        return self.published_file.parent / "site"

    @property
    def airflow_home(self) -> Path:
        """What Airflow keeps of itself: database, logs, logins."""
        return self.home.resolve() / "airflow"

    @property
    def airflow_database(self) -> str:
        """Address of Airflow's own database."""
        return self.metadata or f"sqlite:///{self.airflow_home / 'airflow.db'}"

    @property
    def private_folders(self) -> list[Path]:
        """Folders of what is the service's own: records, originals, secrets, and all that is not published."""
        names = (
            "warehouse",
            "journal",
            "lake",
            "accepted",
            "rejected",
            "pickup",
            "reports",
            "trouble",
            "airflow",
        )
        return [self.home / name for name in names]

    @property
    def backup_file(self) -> Path:
        """When the last backup was made."""
        return self.home / "backed_up"

    @property
    def service_file(self) -> Path:
        """What the supervisor of the service last saw of its parts."""
        return self.home / "service.json"

    @property
    def heartbeat_file(self) -> Path:
        """The last morning after which the heartbeat address was called."""
        return self.home / "heartbeat"

    @property
    def listener_beat(self) -> Path:
        """A file that is touched as long as the listener is connected to Slack."""
        return self.home / "listener.beat"

    @property
    def simulated_file(self) -> Path:
        """Marks a home whose deliveries are simulated, and says until when."""
        return self.home / "simulated.json"

    @property
    def is_simulated(self) -> bool:
        """Say whether the deliveries of this home are simulated: whatever is made from it says so."""
        return self.simulated_file.exists()

    @property
    def journal(self) -> Path:
        """What of the warehouse cannot be made again, kept a second time."""
        return self.home / "journal"

    @property
    def lake(self) -> Path:
        """Immutable minimised copies of what was accepted."""
        return self.home / "lake"

    @property
    def bands_folder(self) -> Path:
        """Files behind the bands of recent weekends, where workers share no other folder."""
        return self.lake / "bands"

    @property
    def accepted(self) -> Path:
        """Originals of what was accepted, until their retention ends."""
        return self.home / "accepted"

    @property
    def rejected(self) -> Path:
        """Originals of what was rejected, or receipts in their place."""
        return self.home / "rejected"

    def trouble_file(self, dag_id: str, task_id: str | None) -> Path:
        """What ops were told of a task that failed, or of a DAG that is slow, until it works again."""
        return self.home / "trouble" / f"{dag_id}.{task_id or 'slow'}.json"

    def records_file(self, source: str, delivery_id: str) -> Path:
        """The minimised copy of a delivery that was used."""
        return self.lake / source / f"{delivery_id}.parquet"

    def delivery_page(self, delivery_id: str) -> Path:
        """The page that says what became of a delivery."""
        return self.reports / "deliveries" / f"{delivery_id}.html"

    def intervention_page(self, intervention_id: str, day: date) -> Path:
        """The page of an intervention as known on a day."""
        return self.reports / "board" / f"intervention-{intervention_id}-as-known-{day}.html"

    def messages_page(self, channel: str | None) -> Path:
        """The messages of a channel as Slack shows them; of all channels without one."""
        if channel is None:
            return self.reports / "slack.html"
        return self.reports / "slack" / f"{channel.removeprefix('#')}.html"

    @property
    def reports(self) -> Path:
        """Pages and pictures for people."""
        return self.home / "reports"
