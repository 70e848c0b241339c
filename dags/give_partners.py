"""
# Give partners

On the eighth of each month at 11:00: an edition of figures for partners where a quarter has become final.

A quarter is final when it is over, deliveries account for its days, and almost all of it is in: about five weeks after its
end. The edition goes into `published/partners.duckdb`, `published/editions/` and, as pages to read, `published/site/`; no small
number can be worked out of all editions together (`docs/data-protection.md`). In other months the edition stands, and only the
pages are written anew.

The step stands in `flows/give_partners.py`; `nte run` leaves it to Airflow. The same by hand: `nte partners`.
"""

from dag_parts import nte_dag, wire

from flows.give_partners import GIVE_PARTNERS


@nte_dag(GIVE_PARTNERS, doc=__doc__)
def give_partners() -> None:
    """Wire the steps as they are declared."""
    wire(GIVE_PARTNERS)


give_partners()
