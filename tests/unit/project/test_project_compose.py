"""`docker-compose.yml` is valid by the Compose Specification and holds to the rules of the house."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from storyfold.settings import Settings
from workers.__main__ import ROLES

SCHEMA = Path(__file__).parent / "compose_spec/compose-spec.json"
ONE_SHOTS = {"migrate", "seed"}
OURS = {"api", "network-worker", "cpu-worker", "beat", *ONE_SHOTS}
# What may take a value from a service of its own network, an address or a user's name; never a secret.
SECRETS = re.compile(r"PASSWORD|SECRET|TOKEN|API_KEY")


@pytest.fixture(scope="module")
def compose(checkout: Path) -> dict[str, Any]:
    return yaml.safe_load((checkout / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


def _faults(compose: dict[str, Any]) -> list[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return [error.message for error in Draft201909Validator(schema).iter_errors(compose)]


def test_it_is_valid_by_the_specification(compose: dict[str, Any]) -> None:
    assert _faults(compose) == []


def test_the_specification_would_notice_a_misspelt_key(compose: dict[str, Any]) -> None:
    wrong = compose | {"services": compose["services"] | {"api": {"image": "x", "healthchek": {}}}}
    assert _faults(wrong)


def test_every_process_of_the_design_has_a_service(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == OURS | {"postgres", "redis"}
    commands = [service["command"] for name, service in services.items() if name in OURS]
    for role in ROLES:
        assert ["python", "-m", "workers", role] in commands


def test_every_lasting_service_is_started_again_and_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if name in ONE_SHOTS:
            assert service["restart"] == "on-failure", name
            assert service["healthcheck"] == {"disable": True}, name
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_every_service_is_confined(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "memory" in service["deploy"]["resources"]["limits"], name
        assert "privileged" not in service, name
        assert not [volume for volume in service.get("volumes", []) if "docker.sock" in str(volume)], name


def test_what_is_ours_runs_without_any_capability(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name in OURS if "cap_add" in services[name]] == []


def test_images_of_others_are_pinned_to_the_patch(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        _, _, tag = service["image"].partition(":")
        assert re.match(r"\d+\.\d+\.\d+", tag), name


def test_the_image_carries_the_version_of_the_project(checkout: Path, services: dict[str, dict[str, Any]]) -> None:
    version = re.search(r'^version = "(.+)"$', (checkout / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert version
    assert {services[name]["image"] for name in OURS} == {f"storyfold:{version[1]}"}


def test_secrets_are_asked_for_or_handed_on_and_never_written_down(services: dict[str, dict[str, Any]]) -> None:
    seen = 0
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if SECRETS.search(variable):
                seen += 1
                assert value is None or re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name}: {variable}"
            assert not re.search(r"://[^/@\s]*:[^/@\s]*@", value or ""), f"{name}: {variable} holds a password"
    assert seen


@pytest.mark.parametrize("secret", ["STORYFOLD_API_KEY", "STORYFOLD_WEBHOOK_SECRET"])
def test_only_the_api_is_given_its_secrets(services: dict[str, dict[str, Any]], secret: str) -> None:
    assert [name for name in services if secret in services[name].get("environment", {})] == ["api"]


def test_every_variable_is_a_setting_and_every_setting_can_be_given(services: dict[str, dict[str, Any]]) -> None:
    settings = {f"STORYFOLD_{field.upper()}" for field in Settings.model_fields}
    given = {
        variable for name in OURS for variable in services[name]["environment"] if variable.startswith("STORYFOLD_")
    }
    assert given <= settings
    inside_the_image = {"STORYFOLD_PORT", "STORYFOLD_DATA_DIR", "STORYFOLD_SEEDS_DIR"}
    assert settings - given == inside_the_image


def test_the_servers_are_out_of_reach_from_outside(compose: dict[str, Any]) -> None:
    assert compose["networks"]["servers"]["internal"] is True
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["servers"]
        assert "ports" not in compose["services"][name]


def test_redis_keeps_its_data_and_refuses_rather_than_drops(services: dict[str, dict[str, Any]]) -> None:
    command = " ".join(services["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_nothing_starts_before_the_schema_is_there(services: dict[str, dict[str, Any]]) -> None:
    done = {"condition": "service_completed_successfully"}
    for name in OURS - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == done, name
    assert services["api"]["depends_on"]["seed"] == done
