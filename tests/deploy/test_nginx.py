"""The nginx site: its grammar, where what goes, and that no token is logged."""

import re
from pathlib import Path
from string import Template
from typing import Any

import crossplane
import pytest
import yaml

from core.files.limits import MAX_BODY, MEGABYTE
from tests.deploy.files import DEPLOY, PORT, text

UPSTREAMS = ("compose", "hosts")


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The site with each of the upstreams files, as nginx would take them in."""
    folder = tmp_path_factory.mktemp("nginx")
    return {name: parse(folder, name) for name in UPSTREAMS}


def parse(folder: Path, upstreams: str) -> dict[str, Any]:
    main = folder / f"{upstreams}.conf"
    files = (DEPLOY / "nginx" / "site.conf", DEPLOY / "nginx" / f"upstreams-{upstreams}.conf")
    includes = "".join(f'include "{file}";' for file in files)
    main.write_text(f"events {{}} http {{ {includes} }}", encoding="utf-8")
    found: dict[str, Any] = crossplane.parse(str(main), combine=True)
    found["errors"] += [error for error in unknown(main) if error["line"] not in map_lines(found)]
    return found


def unknown(main: Path) -> list[dict[str, Any]]:
    """Directives that nginx does not have. The parser takes the entries of a map for such."""
    errors: list[dict[str, Any]] = crossplane.parse(str(main), strict=True, combine=True)["errors"]
    return errors


def map_lines(found: dict[str, Any]) -> set[int]:
    return {
        entry["line"]
        for one in block(found["config"][0]["parsed"], "http")
        if one["directive"] == "map"
        for entry in one["block"]
    }


@pytest.fixture(scope="module")
def http(parsed: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return block(parsed["compose"]["config"][0]["parsed"], "http")


@pytest.fixture(scope="module")
def server(http: list[dict[str, Any]]) -> list[dict[str, Any]]:
    servers: list[list[dict[str, Any]]] = [one["block"] for one in http if one["directive"] == "server"]
    return next(one for one in servers if block(one, "location", "/"))


def block(within: list[dict[str, Any]], name: str, *arguments: str) -> list[dict[str, Any]]:
    found = [one for one in within if one["directive"] == name and one["args"] == list(arguments)]
    return found[0]["block"] if found else []


def value(within: list[dict[str, Any]], name: str, *first: str) -> list[str]:
    found = [one["args"] for one in within if one["directive"] == name and one["args"][: len(first)] == list(first)]
    assert len(found) == 1, name
    return list(found[0][len(first) :])


@pytest.mark.parametrize("upstreams", UPSTREAMS)
def test_nginx_understands_it(parsed: dict[str, dict[str, Any]], upstreams: str) -> None:
    assert (parsed[upstreams]["status"], parsed[upstreams]["errors"]) == ("ok", [])


def test_sockets_and_streams_go_to_their_own_processes_unbuffered(server: list[dict[str, Any]]) -> None:
    for path in ("/ws/", "/api/notifications/stream/"):
        location = block(server, "location", path)
        assert value(location, "proxy_pass") == ["http://sockets"]
        assert value(location, "proxy_buffering") == ["off"]
        assert "proxy_set_header" not in [one["directive"] for one in location]  # it would drop those of the server
    assert value(block(server, "location", "/"), "proxy_pass") == ["http://web"]
    assert value(server, "proxy_set_header", "Upgrade") == ["$http_upgrade"]
    assert value(server, "proxy_set_header", "Connection") == ["$connection_upgrade"]
    assert value(server, "proxy_http_version") == ["1.1"]


def test_what_a_caller_says_of_itself_goes_no_further(server: list[dict[str, Any]]) -> None:
    assert value(server, "proxy_set_header", "X-Forwarded-For") == ["$remote_addr"]
    assert value(server, "proxy_set_header", "X-Forwarded-Proto") == ["$scheme"]


def test_the_largest_file_passes(server: list[dict[str, Any]]) -> None:
    size = value(server, "client_max_body_size")[0]
    assert MAX_BODY <= int(size.removesuffix("m")) * MEGABYTE < 2 * MAX_BODY


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_those_who_run_it_stays_inside(server: list[dict[str, Any]], path: str) -> None:
    assert value(block(server, "location", "=", path), "return") == ["404"]


@pytest.mark.parametrize(
    ("uri", "logged"),
    [
        ("/ws/notifications/?token=abc", "/ws/notifications/?[redacted]"),
        ("/ws/notifications/?v=2&token=abc&token=def", "/ws/notifications/?[redacted]"),
        ("/ws/notifications/?%74oken=abc", "/ws/notifications/?[redacted]"),
        ("/account/password/?uid=4&TOKEN=abc", "/account/password/?[redacted]"),
        ("/n/J8d7sk2jdKs8dj3k/", "/n/[redacted]"),
        ("/unsubscribe/4.J8d7sk2jdKs8dj3k/", "/unsubscribe/[redacted]"),
        ("/api/tickets/?page=2", "/api/tickets/?page=2"),
    ],
)
def test_no_token_is_logged(http: list[dict[str, Any]], uri: str, logged: str) -> None:
    assert redacted(block(http, "map", "$request_uri", "$logged_uri"), uri) == logged


def redacted(rules: list[dict[str, Any]], uri: str) -> str:
    """As nginx reads a map: the first expression that fits, in the order of the file."""
    for rule in rules:
        begin, _, pattern = rule["directive"].partition("~")
        flags = re.IGNORECASE if pattern.startswith("*") else re.NOFLAG
        found = re.search(pattern.removeprefix("*").replace("(?<", "(?P<"), uri, flags)
        if not begin and found:
            return Template(rule["args"][0]).substitute(found.groupdict())
    return uri


def test_logs_take_the_url_from_there_alone(http: list[dict[str, Any]], server: list[dict[str, Any]]) -> None:
    variables = re.findall(r"\$(\w+)", " ".join(value(http, "log_format", "incidents")))
    assert "logged_uri" in variables
    assert {"request", "request_uri", "args", "query_string", "http_referer", "uri"}.isdisjoint(variables)
    assert value(server, "access_log")[1] == "incidents"
    for one in (each["block"] for each in http if each["directive"] == "server"):
        assert value(one, "error_log")[1] == "crit"  # lines of "error" hold the request


def test_upstreams_lead_to_what_is_served(parsed: dict[str, dict[str, Any]]) -> None:
    compose = block(parsed["compose"]["config"][0]["parsed"], "http")
    services = yaml.safe_load(text("compose.yaml"))["services"]
    for name in ("web", "sockets"):
        assert value(block(compose, "upstream", name), "server") == [f"{name}:{PORT}", "resolve"]
        assert name in services
    hosts = block(parsed["hosts"]["config"][0]["parsed"], "http")
    servers = [one for name in ("web", "sockets") for one in block(hosts, "upstream", name) if one["args"]]
    ports = [one["args"][0].removeprefix("127.0.0.1:") for one in servers]
    assert len(set(ports)) == len(ports) == 4
    readme = text("README.md")
    assert f"incidents-web@{{{','.join(ports)}}}" in readme
