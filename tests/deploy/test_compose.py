"""The compose file and the image: nothing secret in them, every service whole, nothing open that does not say so."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from nte.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
AIRFLOW = {
    name: service for name, service in SERVICES.items() if service.get("image") == COMPOSE["x-nte"]["image"]
}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|_CONN|TOKEN|BROKER_URL|RESULT_BACKEND")


def test_the_services_are_those_of_airflows_official_shape() -> None:
    assert set(SERVICES) == {
        "postgres", "redis", "init", "api-server", "scheduler", "dag-processor", "triggerer", "worker",
        "listener",
    }  # fmt: skip
    assert set(AIRFLOW) == set(SERVICES) - {"postgres", "redis"}


def test_every_airflow_service_has_the_same_settings() -> None:
    shared = COMPOSE["x-nte-environment"]
    for name, service in AIRFLOW.items():
        assert {key: service["environment"].get(key, "?") for key in shared} == shared, name
        assert service["volumes"] == COMPOSE["x-nte"]["volumes"], name


@pytest.mark.parametrize("name", sorted(set(AIRFLOW) - {"init", "listener"}))
def test_every_command_is_one_that_airflow_has(name: str) -> None:
    command = [part for part in AIRFLOW[name]["command"] if not part.startswith(("-", "$"))]
    if command[0] == "celery" and importlib.util.find_spec("celery") is None:
        pytest.skip("needs the extra `cluster`: make cluster installs it")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "airflow", *command, "--help"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    options = [part for part in AIRFLOW[name]["command"] if part.startswith("-")]
    assert all(option in done.stdout for option in options)


def test_the_set_up_makes_the_database_and_every_pool() -> None:
    from cli.airflow.home import POOLS

    [commands] = AIRFLOW["init"]["command"]
    assert commands.startswith("umask 077 && airflow db migrate && ")
    assert all(f"airflow pools set {pool} " in commands for pool in POOLS)
    assert "pools set warehouse 1 " in commands


def test_no_secret_stands_in_a_file() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and value:
                assert "${" in value, f"{name}: {key}"
                assert ":-" not in value, f"{name}: {key} has a default"
    example = (DEPLOY / "env.example").read_text()
    settings = dict(line.split("=", 1) for line in example.splitlines() if "=" in line and line[0] != "#")
    assert not [key for key, value in settings.items() if value and SECRET.search(key)]
    required = set(re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text()))
    assert required <= set(settings)
    assert not SECRET.search(DOCKERFILE)
    assert ".env" in (DEPLOY / ".gitignore").read_text().split()
    assert ".env" in (DEPLOY / "Dockerfile.dockerignore").read_text().split()


def test_a_port_is_published_on_loopback_only() -> None:
    published = {name: port for name, service in SERVICES.items() for port in service.get("ports", [])}
    assert published == {"api-server": "127.0.0.1:8080:8080"}


def test_every_lasting_service_has_a_health_check_and_comes_back() -> None:
    for name, service in SERVICES.items():
        if name != "init":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name
    for name in set(AIRFLOW) - {"init"}:
        assert AIRFLOW[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}, name


def test_state_and_logs_outlive_a_container() -> None:
    assert "nte-home:/srv/nte" in COMPOSE["x-nte"]["volumes"]
    assert {"nte-home", "postgres"} == set(COMPOSE["volumes"])
    assert "AIRFLOW_HOME=/srv/nte/airflow" in DOCKERFILE


def test_nothing_runs_as_root() -> None:
    assert DOCKERFILE.rindex("\nUSER nte\n") > DOCKERFILE.rindex("\nRUN ")
    uid = re.search(r"--uid (\d+)", DOCKERFILE)
    assert uid is not None
    assert COMPOSE["x-nte"]["user"] == f"{uid[1]}:{uid[1]}"
    assert all(service["cap_drop"] == ["ALL"] for service in AIRFLOW.values())


def test_what_the_image_copies_is_there() -> None:
    for source in re.findall(r"^COPY (?!--from)(?:--\S+ )?(\S+) ", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists(), source


def test_the_lock_holds_what_the_service_and_a_cluster_need() -> None:
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", (DEPLOY / "requirements.lock").read_text(), re.MULTILINE)
    )
    ours = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    extra = {
        "apache-airflow-providers-celery",
        "apache-airflow-providers-fab",
        "redis",
        "psycopg2-binary",
        "asyncpg",
    }
    assert extra <= set(locked)
    assert tuple(map(int, locked["celery"].split(".")[:2])) < (5, 7)
    assert {name: version for name, version in locked.items() if ours.get(name, version) != version} == {}


def test_buttons_are_listened_to_by_our_own_command_where_it_is_asked_for() -> None:
    listener = SERVICES["listener"]
    assert listener["entrypoint"] == ["nte"]
    assert listener["command"] == ["listen"]
    assert listener["profiles"] == ["buttons"]
    beat = Settings(home=Path(COMPOSE["x-nte-environment"]["NTE_HOME"])).listener_beat
    assert str(beat) in listener["healthcheck"]["test"][1]


def test_every_log_has_an_end() -> None:
    for name, service in SERVICES.items():
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name


def test_images_can_be_named_by_digest() -> None:
    example = (DEPLOY / "env.example").read_text()
    base = COMPOSE["x-nte"]["build"]["args"]["BASE"]
    for image in [*re.findall(r"image: (.*)", (DEPLOY / "compose.yaml").read_text()), base]:
        variable = re.match(r"\$\{(\w+):-", image)
        assert variable is not None, image
        assert f"\n{variable[1]}=" in example
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}
    assert re.findall(r"^ARG BASE=(.*)", DOCKERFILE, re.MULTILINE) == re.findall(r":-(.*)}", base)


ENGINE = """#!/bin/sh
for image; do :; done
test "$1" = pull || echo "$image@sha256:0f"
"""


def test_every_image_that_is_pulled_is_pinned_by_what_came(tmp_path: Path) -> None:
    (tmp_path / "engine").write_text(ENGINE)
    (tmp_path / "engine").chmod(0o755)
    said = subprocess.run(
        [DEPLOY / "pin-images"], env={"PATH": os.environ["PATH"], "DOCKER": str(tmp_path / "engine")},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert said == [
        "BASE_IMAGE=python:3.11-slim-bookworm@sha256:0f",
        "POSTGRES_IMAGE=postgres:16-bookworm@sha256:0f",
        "REDIS_IMAGE=redis:7-bookworm@sha256:0f",
    ]


def test_a_variable_that_is_left_empty_is_as_good_as_none() -> None:
    """Compose hands an empty value of .env on where nothing stands in its place."""
    for name in ("NTE_AREA", "NTE_BASE_URL"):
        assert COMPOSE["x-nte-environment"][name].startswith(f"${{{name}:-")


def test_behind_a_proxy_its_headers_are_believed() -> None:
    api = SERVICES["api-server"]
    assert "--proxy-headers" in api["command"]
    assert api["environment"]["FORWARDED_ALLOW_IPS"] == "${PROXY_IPS:-127.0.0.1}"


def test_the_login_cookie_goes_by_tls_alone_unless_somebody_says_otherwise() -> None:
    assert COMPOSE["x-nte-environment"]["AIRFLOW__FAB__COOKIE_SECURE"] == "${COOKIE_SECURE:-True}"


def test_a_health_check_asks_for_its_own_container_in_every_engine() -> None:
    """Not every engine sets HOSTNAME: without it, another container's part would do."""
    asked = [name for name, service in SERVICES.items() if "$$(hostname)" in str(service.get("healthcheck"))]
    assert asked == ["dag-processor", "triggerer", "worker"]
    assert "HOSTNAME" not in (DEPLOY / "compose.yaml").read_text()


def test_what_a_container_writes_is_its_own_users() -> None:
    assert "umask 077 && exec airflow" in DOCKERFILE
    assert r"umask 077\nexec python -W ignore -m cli" in DOCKERFILE
    assert "install -d -o nte -g nte -m 0750 /srv/nte " in DOCKERFILE


def test_what_a_task_leaves_behind_is_taken_care_of() -> None:
    assert all(service["init"] for service in AIRFLOW.values())
