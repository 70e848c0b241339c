"""All flows, in the order in which their assets wake each other."""

from flows.evaluate_interventions import EVALUATE_INTERVENTIONS
from flows.give_partners import GIVE_PARTNERS
from flows.issue_bands import ISSUE_BANDS
from flows.keep_house import KEEP_HOUSE
from flows.publish_warehouse import PUBLISH_WAREHOUSE
from flows.raise_alerts import RAISE_ALERTS
from flows.take_deliveries import TAKE_DELIVERIES

RUN = (TAKE_DELIVERIES, ISSUE_BANDS, RAISE_ALERTS, PUBLISH_WAREHOUSE)
"""What `nte run` goes through: each flow after those whose assets start it."""
FLOWS = (*RUN, KEEP_HOUSE, EVALUATE_INTERVENTIONS, GIVE_PARTNERS)
"""Everything that Airflow runs; those after `RUN` by the clock alone."""
