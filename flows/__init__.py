"""What a run does, declared once: the steps of each flow and their order, for Airflow's DAGs and for `nte run`."""
