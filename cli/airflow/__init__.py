"""Airflow on this machine: its home, its processes, its DAGs in this process."""
