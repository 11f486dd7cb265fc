"""The Compose file says nothing that does not exist, and holds no secret."""

from typing import Any

import pytest
import yaml

from tests.deploy.files import DEPLOY, IMAGE, SETTINGS, check_command, check_serves_all, text

OURS = {"migrate", "web", "sockets", "worker", "beat"}
OTHERS = {"postgres", "redis", "nginx"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return content


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_all_parts_are_there_and_start_again_but_the_migrations(services: dict[str, Any]) -> None:
    assert set(services) == OURS | OTHERS
    again = {name for name, service in services.items() if service["restart"] == "unless-stopped"}
    assert again == set(services) - {"migrate"}


def test_every_command_exists(services: dict[str, Any]) -> None:
    for name in OURS - {"web", "sockets"}:
        check_command(services[name]["command"])
    for name in ("web", "sockets"):
        check_serves_all(services[name]["command"])
    assert services["beat"].get("deploy") is None  # one


def test_all_run_one_image_without_rights(services: dict[str, Any]) -> None:
    for name in OURS:
        service = services[name]
        assert service["image"] == IMAGE
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"/tmp", "attachments:/data"} == set(service["volumes"])


def test_settings_are_real_ones_and_passwords_stand_elsewhere(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["env_file"] == ".env"
        assert set(services[name]["environment"]) <= SETTINGS
    password = "${POSTGRES_PASSWORD:?set it in deploy/.env}"
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == password
    assert f":{password}@postgres:5432/" in services["web"]["environment"]["DATABASE_URL"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == "1"


def test_whom_one_waits_for_says_when_it_is_ready(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                # Our web processes have the image's health check.
                assert (
                    "test" in services[name]["healthcheck"] if name in OTHERS else "healthcheck" not in services[name]
                )
            else:
                assert (wanted["condition"], name) == ("service_completed_successfully", "migrate")


def test_volumes_and_mounted_files_exist(compose: dict[str, Any], services: dict[str, Any]) -> None:
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./") and source != "./tls":  # certificates: one's own
                assert (DEPLOY / source).is_file(), source
            elif source[0] not in "./":
                assert source in compose["volumes"]
