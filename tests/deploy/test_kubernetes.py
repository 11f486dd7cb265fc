"""The Kubernetes manifests: right by Kubernetes' own schemas, and they fit each other and the product."""

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from core.management.commands.serve import STOP_SECONDS
from tests.deploy.files import (
    DEPLOY,
    IMAGE,
    PORT,
    SETTINGS,
    check_command,
    check_route,
    check_serves_all,
    text,
)

Manifest = dict[str, Any]
FILES = sorted(path.name for path in (DEPLOY / "kubernetes").glob("*.yaml"))
SERVING = ("web", "sockets")
INSIDE = {"healthz", "readyz", "metrics", "dev"}  # for those who run it; the outbox exists in demo mode only


def manifests(*kinds: str) -> Iterator[Manifest]:
    for file in FILES:
        for manifest in yaml.safe_load_all(text(f"kubernetes/{file}")):
            if not kinds or manifest["kind"] in kinds:
                yield manifest


def named(kind: str, name: str) -> Manifest:
    return next(one for one in manifests(kind) if one["metadata"]["name"] == f"incidents-{name}".removesuffix("-"))


def pod(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def container(manifest: Manifest) -> Manifest:
    [one] = pod(manifest)["containers"]
    found: Manifest = one
    return found


def test_kubernetes_would_take_them() -> None:
    for manifest in manifests():
        kubernetes_validate.validate(manifest, "1.37", strict=True)


def test_every_part_runs_our_image_with_a_command_that_exists() -> None:
    parts = {manifest["metadata"]["name"]: container(manifest) for manifest in manifests("Deployment", "Job")}
    assert set(parts) == {f"incidents-{part}" for part in ("web", "sockets", "worker", "beat", "migrate")}
    for name, one in parts.items():
        assert one["image"] == IMAGE
        check = check_serves_all if name.endswith(SERVING) else check_command
        check(one["args"])


def test_no_part_has_rights() -> None:
    for manifest in manifests("Deployment", "Job"):
        assert pod(manifest)["securityContext"]["runAsNonRoot"] is True
        assert pod(manifest)["securityContext"]["runAsUser"] == 10001  # the Containerfile's
        assert pod(manifest)["automountServiceAccountToken"] is False
        secure = container(manifest)["securityContext"]
        assert (secure["readOnlyRootFilesystem"], secure["allowPrivilegeEscalation"]) == (True, False)
        assert secure["capabilities"] == {"drop": ["ALL"]}
        assert set(container(manifest)["resources"]) == {"requests", "limits"}


def test_settings_are_real_ones_and_secrets_stand_elsewhere() -> None:
    config = named("ConfigMap", "")
    assert set(config["data"]) <= SETTINGS
    assert not [name for name in config["data"] if "KEY" in name or "TOKEN" in name or name.endswith("_URL")][1:]
    assert not list(manifests("Secret"))
    for manifest in manifests("Deployment", "Job"):
        assert container(manifest)["envFrom"] == [
            {"configMapRef": {"name": "incidents"}},
            {"secretRef": {"name": "incidents"}},
        ]


def test_selectors_fit_the_pods_of_one_part() -> None:
    labels = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in manifests("Deployment")}
    assert len({label["part"] for label in labels.values()}) == len(labels)
    for manifest in manifests("Deployment", "Service", "PodDisruptionBudget"):
        selector = manifest["spec"]["selector"]
        assert selector.get("matchLabels", selector) == labels[manifest["metadata"]["name"]]


def test_what_may_be_missing_is_limited_but_beat_is_one() -> None:
    replicas = {one["metadata"]["name"]: one["spec"]["replicas"] for one in manifests("Deployment")}
    assert replicas.pop("incidents-beat") == 1
    assert named("Deployment", "beat")["spec"]["strategy"] == {"type": "Recreate"}
    assert {one["metadata"]["name"] for one in manifests("PodDisruptionBudget")} == set(replicas)
    assert min(replicas.values()) >= 2


@pytest.mark.parametrize("part", SERVING)
def test_probes_ask_what_is_served_by_a_name_that_is_allowed(part: str) -> None:
    one = container(named("Deployment", part))
    assert one["ports"] == [{"name": "http", "containerPort": PORT}]
    asked = {name: one[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert [probe["path"] for probe in asked.values()] == ["/healthz", "/readyz", "/healthz"]
    for probe in asked.values():
        check_route(probe["path"])
        assert probe["port"] == "http"
    [host] = asked["readinessProbe"]["httpHeaders"]
    assert host["value"] in named("ConfigMap", "")["data"]["ALLOWED_HOSTS"].split(",")
    annotations = named("Deployment", part)["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(PORT)
    check_route(annotations["prometheus.io/path"])


def test_workers_serve_what_they_have_counted() -> None:
    manifest = named("Deployment", "worker")
    [port] = [one["containerPort"] for one in container(manifest)["ports"]]
    assert container(manifest)["env"] == [{"name": "METRICS_PORT", "value": str(port)}]
    assert "METRICS_PORT" in SETTINGS
    annotations = manifest["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(port)
    check_route(annotations["prometheus.io/path"])


def test_all_have_the_time_to_end() -> None:
    for part in SERVING:
        manifest = named("Deployment", part)
        command, seconds = container(manifest)["lifecycle"]["preStop"]["exec"]["command"]
        assert command == "sleep"
        assert pod(manifest)["terminationGracePeriodSeconds"] > int(seconds) + STOP_SECONDS + 5
    assert pod(named("Deployment", "worker"))["terminationGracePeriodSeconds"] > 40


def test_volumes_and_claims_exist() -> None:
    claims = {one["metadata"]["name"]: one["spec"]["accessModes"] for one in manifests("PersistentVolumeClaim")}
    for manifest in manifests("Deployment", "Job"):
        volumes = {one["name"]: one for one in pod(manifest).get("volumes", [])}
        assert [one["name"] for one in container(manifest).get("volumeMounts", [])] == list(volumes)
        for volume in volumes.values():
            assert "emptyDir" in volume or claims[volume["persistentVolumeClaim"]["claimName"]] == ["ReadWriteMany"]
    for part in (*SERVING, "worker"):
        mounts = {one["mountPath"] for one in container(named("Deployment", part))["volumeMounts"]}
        assert mounts == {"/tmp", "/data"}


def test_the_ingress_leads_to_every_public_route_and_to_no_other() -> None:
    [rule] = named("Ingress", "")["spec"]["rules"]
    services = {one["metadata"]["name"] for one in manifests("Service")}
    leads = {path["path"]: path["backend"]["service"] for path in rule["http"]["paths"]}
    assert {service["name"] for service in leads.values()} == services
    assert {service["port"]["name"] for service in leads.values()} == {"http"}
    to_sockets = {path for path, service in leads.items() if service["name"] == "incidents-sockets"}
    assert to_sockets == {"/ws/", "/api/notifications/stream/"}
    first = {path.split("/")[1] for path in leads}
    assert first == {route.lstrip("^").split("/")[0] for route in routes()} - INSIDE | {"ws", "static"}
    assert rule["host"] in named("ConfigMap", "")["data"]["ALLOWED_HOSTS"].split(",")


def routes() -> Iterator[str]:
    """The first two steps of all routes: enough to see what they begin with."""
    for one in get_resolver().url_patterns:
        if isinstance(one, URLResolver) and not str(one.pattern):
            yield from (str(inner.pattern) for inner in one.url_patterns if isinstance(inner, URLPattern))
        else:
            yield str(one.pattern)
