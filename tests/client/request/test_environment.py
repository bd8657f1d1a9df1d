"""What a build takes from the environment and from docker's configuration: the table, its page, and every row that is honoured."""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from llbfront.cli.main import main
from llbfront.client.buildflags.caches import CacheOptionsEntry
from llbfront.client.buildflags.exporters import Export
from llbfront.client.request import environment, environment_table
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import LlbfrontError, OptionError
from llbfront.progress.display import display
from llbfront.progress.events import StatusEvent, Vertex

ROOT = pathlib.Path(__file__).parents[3]
SETTINGS = (
    *environment_table.VARIABLES,
    *environment_table.BUILD_ARGS,
    *environment_table.CONFIG_KEYS,
    *environment_table.OWN_VARIABLES,
)

# Names found by a search of the sources for os.Getenv, os.LookupEnv and the like; those of tests and of other systems left out.
BUILDX = """AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN ACTIONS_CACHE_SERVICE_V2 ACTIONS_CACHE_URL ACTIONS_RESULTS_URL
ACTIONS_RUNTIME_TOKEN BAKE_ALLOW_REMOTE_FS_ACCESS BUILDKIT_HOST BUILDKIT_INLINE_BUILDINFO_ATTRS BUILDKIT_INLINE_CACHE BUILDKIT_MULTI_PLATFORM
BUILDKIT_PROGRESS BUILDKIT_SYNTAX BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP BUILDX_BAKE_ENTITLEMENTS_FS BUILDX_BAKE_FILE
BUILDX_BAKE_FILE_RELATIVE_PATHS BUILDX_BAKE_GIT_ADVICE BUILDX_BAKE_GIT_AUTH_HEADER BUILDX_BAKE_GIT_AUTH_TOKEN BUILDX_BAKE_GIT_SSH
BUILDX_BAKE_PATH_SEPARATOR BUILDX_BUILDER BUILDX_CONFIG BUILDX_CPU_PROFILE BUILDX_DAP_USER_AGENT BUILDX_DEFAULT_POLICY BUILDX_EXPERIMENTAL
BUILDX_GIT_CHECK_DIRTY BUILDX_GIT_INFO BUILDX_GIT_LABELS BUILDX_MEM_PROFILE BUILDX_METADATA_PROVENANCE BUILDX_METADATA_WARNINGS
BUILDX_NO_DEFAULT_ATTESTATIONS BUILDX_NO_DEFAULT_LOAD BUILDX_NO_DEFAULT_OCI_ARTIFACT BUILDX_SEND_GIT_QUERY_AS_INPUT
CI DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND DOCKER_DEFAULT_PLATFORM EXPERIMENTAL_BUILDKIT_SOURCE_POLICY GITHUB_ACTIONS KUBECONFIG
SOURCE_DATE_EPOCH SUDO_COMMAND WSL_DISTRO_NAME"""
DOCKER = """DEBUG DOCKER_API_VERSION DOCKER_AUTH_CONFIG DOCKER_BUILDKIT DOCKER_CERT_PATH DOCKER_CLI_DISABLE_COMPLETION_DESCRIPTION DOCKER_CLI_HINTS
DOCKER_CLI_HOOKS DOCKER_CLI_OTEL_EXPORTER_OTLP_ENDPOINT DOCKER_CLI_PLUGIN_SOCKET DOCKER_CLI_PLUGIN_USE_DIAL_STDIO
DOCKER_COMPLETION_SHOW_CONTAINER_IDS DOCKER_CONFIG DOCKER_CONTEXT DOCKER_CUSTOM_HEADERS DOCKER_HIDE_LEGACY_COMMANDS DOCKER_HOST DOCKER_TLS
DOCKER_TLS_VERIFY GODEBUG NORAW NO_COLOR"""
BUILDCTL = """ACTIONS_CACHE_SERVICE_V2 ACTIONS_CACHE_URL ACTIONS_RESULTS_URL ACTIONS_RUNTIME_TOKEN BUILDKIT_COLORS BUILDKIT_DEBUG_PANIC_ON_ERROR
BUILDKIT_HOST BUILDKIT_NO_CLIENT_TOKEN BUILDKIT_PROGRESS BUILDKIT_STEP_LOG_MAX_SIZE BUILDKIT_STEP_LOG_MAX_SPEED BUILDKIT_TTY_LOG_LINES NO_COLOR
OTEL_EXPORTER_OTLP_ENDPOINT PROGRESS_NO_TRUNC SOURCE_DATE_EPOCH SSH_AUTH_SOCK TRACEPARENT TRACESTATE TTY_DISPLAY_RATE XDG_RUNTIME_DIR"""
CONFIG_KEYS = """auths HttpHeaders psFormat detachKeys credsStore credHelpers pruneFilters proxies currentContext cliPluginsExtraDirs plugins aliases
features"""


def test_the_page_is_that_of_the_table() -> None:
    assert (ROOT / "docs/environment.md").read_text() == environment_table.page(), "make docs"


@pytest.mark.parametrize("names", [BUILDX, DOCKER, BUILDCTL])
def test_everything_that_the_other_clients_read_is_in_the_table(names: str) -> None:
    assert set(names.split()) <= {setting.name for setting in SETTINGS}


def test_every_key_of_dockers_configuration_is_in_the_table() -> None:
    assert {setting.name for setting in environment_table.CONFIG_KEYS} == set(CONFIG_KEYS.split())


def applied(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> BuildRequest:
    environ = {"DOCKER_CONFIG": "/none", **environ}
    return environment.with_proxies(environment.apply(BuildRequest(**arguments), environ), environ, "unix:///x")


def changes(request: BuildRequest) -> dict[str, Any]:
    """Return the fields that differ from those of an empty request."""
    empty = BuildRequest()
    names = [field.name for field in attrs.fields(BuildRequest)]
    return {name: getattr(request, name) for name in names if getattr(request, name) != getattr(empty, name)}


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        ({}, {"SOURCE_DATE_EPOCH": "1"}, {"build_args": {"SOURCE_DATE_EPOCH": "1"}}),
        ({}, {"SOURCE_DATE_EPOCH": ""}, {}),
        ({}, {"SOURCE_DATE_EPOCH": "context"}, {"build_args": {"SOURCE_DATE_EPOCH": "context"}}),
        ({"build_args": {"SOURCE_DATE_EPOCH": "2"}}, {"SOURCE_DATE_EPOCH": "1"}, {"build_args": {"SOURCE_DATE_EPOCH": "2"}}),
        ({"build_args": {"SOURCE_DATE_EPOCH": ""}}, {"SOURCE_DATE_EPOCH": "1"}, {"build_args": {"SOURCE_DATE_EPOCH": ""}}),
        ({"build_args": {"A": "b"}}, {"SOURCE_DATE_EPOCH": "1"}, {"build_args": {"A": "b", "SOURCE_DATE_EPOCH": "1"}}),
        ({}, {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, {"platforms": ("linux/arm64",)}),
        ({}, {"DOCKER_DEFAULT_PLATFORM": "linux/arm64, linux/amd64"}, {"platforms": ("linux/arm64", "linux/amd64")}),
        ({}, {"DOCKER_DEFAULT_PLATFORM": "local"}, {"platforms": ("local",)}),
        ({}, {"DOCKER_DEFAULT_PLATFORM": ""}, {}),
        ({"platforms": ("linux/386",)}, {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, {"platforms": ("linux/386",)}),
        ({}, {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "p.json"}, {"source_policy": "p.json"}),
        ({"source_policy": "q"}, {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "p.json"}, {"source_policy": "q"}),
        ({}, {"BUILDKIT_SYNTAX": "r/frontend", "BUILDKIT_INLINE_CACHE": "1"}, {}),
    ],
)
def test_variables_complete_the_request(arguments: Mapping[str, Any], environ: dict[str, str], expected: dict[str, Any]) -> None:
    assert changes(applied(arguments, environ)) == expected


@pytest.mark.parametrize(
    ("value", "caches", "expected"),
    [
        ("1", (), (CacheOptionsEntry("inline"),)),
        (
            "true",
            (CacheOptionsEntry("registry", {"ref": "r/c"}),),
            (CacheOptionsEntry("registry", {"ref": "r/c"}), CacheOptionsEntry("inline")),
        ),
        ("T", (CacheOptionsEntry("inline"),), (CacheOptionsEntry("inline"),)),
        ("0", (), ()),
        ("", (), ()),
        ("yes", (), ()),
    ],
)
def test_an_inline_cache_is_a_build_argument(
    value: str, caches: tuple[CacheOptionsEntry, ...], expected: tuple[CacheOptionsEntry, ...]
) -> None:
    assert applied({"build_args": {"BUILDKIT_INLINE_CACHE": value}, "cache_to": caches}, {}).cache_to == expected


@pytest.mark.parametrize("value", ["abc", "linux/a/b/c", "linux/amd64,no such", "/"])
def test_a_bad_default_platform_names_the_variable(value: str) -> None:
    with pytest.raises(OptionError, match="of DOCKER_DEFAULT_PLATFORM"):
        applied({}, {"DOCKER_DEFAULT_PLATFORM": value})


@pytest.mark.parametrize(
    "setting", [setting for setting in environment_table.VARIABLES if not setting.is_honoured], ids=lambda each: each.name
)
def test_what_is_not_honoured_changes_no_request(setting: environment_table.Setting) -> None:
    assert applied({}, {setting.name: "1"}) == BuildRequest()


Config = Callable[[object], dict[str, str]]


@pytest.fixture
def config(tmp_path: pathlib.Path) -> Config:
    """Write docker's configuration; the value is the environment that names it."""

    def write(document: object) -> dict[str, str]:
        (tmp_path / "config.json").write_text(document if isinstance(document, str) else json.dumps(document))
        return {"DOCKER_CONFIG": str(tmp_path)}

    return write


def both(**values: str) -> dict[str, str]:
    return {case(f"{name}_PROXY"): value for name, value in values.items() for case in (str.upper, str.lower)}


DEFAULT = {"proxies": {"default": {"httpProxy": "http://p:1"}}}


@pytest.mark.parametrize(
    ("document", "address", "expected"),
    [
        (DEFAULT, "unix:///x", both(HTTP="http://p:1")),
        (
            {"proxies": {"default": {"httpProxy": "a", "httpsProxy": "b", "ftpProxy": "c", "noProxy": "d,e", "allProxy": "f"}}},
            "unix:///x",
            both(HTTP="a", HTTPS="b", FTP="c", NO="d,e", ALL="f"),
        ),
        ({"proxies": {"tcp://h:1": {"noProxy": "x"}, **DEFAULT["proxies"]}}, "tcp://h:1", both(NO="x")),
        ({"proxies": {"tcp://h:1": {"noProxy": "x"}, **DEFAULT["proxies"]}}, "docker+tcp://h:1?certs=%2Fc", both(NO="x")),
        ({"proxies": {"unix:///d.sock": {"noProxy": "x"}}}, "docker:///d.sock", both(NO="x")),
        ({"proxies": {"ssh://me@h": {"noProxy": "x"}}}, "docker+ssh://me@h", both(NO="x")),
        ({"proxies": {"tcp://h:1": {}, **DEFAULT["proxies"]}}, "tcp://h:1", {}),
        ({"proxies": {"tcp://other": {"noProxy": "x"}}}, "tcp://h:1", {}),
        ({"proxies": {"default": {"httpProxy": ""}}}, "unix:///x", {}),
        ({"proxies": {"default": None}}, "unix:///x", {}),
        ({"proxies": None}, "unix:///x", {}),
        ({"auths": {}}, "unix:///x", {}),
        ("", "unix:///x", {}),
    ],
)
def test_proxies_of_an_engine(config: Config, document: object, address: str, expected: dict[str, str]) -> None:
    assert environment.proxies(config(document), address) == expected


@pytest.mark.parametrize("argument", ["HTTP_PROXY", "http_proxy", "Http_Proxy"])
def test_proxies_that_are_given_win_in_any_case(config: Config, argument: str) -> None:
    document = {"proxies": {"default": {"httpProxy": "a", "noProxy": "b"}}}
    request = environment.with_proxies(BuildRequest(build_args={argument: "mine"}), config(document), "unix:///x")
    assert request.build_args == {argument: "mine", "NO_PROXY": "b", "no_proxy": "b"}


def test_a_conversion_without_an_engine_has_no_proxies(config: Config) -> None:
    assert environment.apply(BuildRequest(), config(DEFAULT)) == BuildRequest()


@pytest.mark.parametrize(
    "document", ["{", "[]", {"proxies": []}, {"proxies": {"default": []}}, {"proxies": {"default": {"httpProxy": 1}}}]
)
def test_a_bad_configuration_is_one_line_that_names_the_file(config: Config, document: object, tmp_path: pathlib.Path) -> None:
    with pytest.raises(LlbfrontError) as refused:
        environment.proxies(config(document), "unix:///x")
    reports: list[str] = []
    assert environment.with_proxies(BuildRequest(), config(document), "unix:///x", reports.append) == BuildRequest()
    for line in (str(refused.value), *reports):
        assert f"cannot read the docker config {tmp_path}/config.json" in line and "\n" not in line
    assert len(reports) == 1


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("0", False), ("F", False), ("", False), (None, False)]
)
def test_variables_that_are_true_or_false(value: str | None, expected: bool) -> None:
    assert environment.is_set({} if value is None else {"V": value}, "V") is expected


def test_other_values_of_them_are_refused() -> None:
    with pytest.raises(OptionError, match=r"^invalid value 'yes' of V \(use true or false\)$"):
        environment.is_set({"V": "yes"}, "V")


@pytest.mark.parametrize(
    ("environ", "is_docker", "kept"),
    [({}, True, 1), ({}, False, 0), ({"BUILDX_NO_DEFAULT_LOAD": "1"}, True, 0), ({"BUILDX_NO_DEFAULT_LOAD": "0"}, True, 1)],
)
def test_a_docker_engine_keeps_the_result(environ: dict[str, str], is_docker: bool, kept: int) -> None:
    assert environment.default_exports(environ, is_docker=is_docker) == (Export("image"),) * kept


def test_artifacts_are_switched_off() -> None:
    exports = (Export("image", {"name": "a"}), Export("oci", {"oci-artifact": "true"}, "f"), Export("local", {}, "d"))
    image, oci, local = environment.with_artifact_default(exports, {"BUILDX_NO_DEFAULT_OCI_ARTIFACT": "1"})
    assert image.attrs == {"oci-artifact": "false", "name": "a"}
    assert (oci, local) == exports[1:]
    assert environment.with_artifact_default(exports, {}) == exports


def test_nothing_is_attested_by_default() -> None:
    request = applied({}, {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"})
    assert request == applied({}, {}) == BuildRequest()
    assert not request.attestations


def test_names_of_steps_are_shortened_in_plain_output() -> None:
    name = f"[1/1] RUN {'x' * 300}"
    shown = {}
    for value in ("0", "1"):
        written = io.StringIO()
        view = display("plain", written, {"PROGRESS_NO_TRUNC": value})
        view.update(StatusEvent((Vertex("sha256:a", name, started_ns=1, completed_ns=2),)), 2)
        view.finish(None, 2)
        shown[value] = written.getvalue()
    assert name in shown["1"] and name not in shown["0"] and "[1/1] RUN" in shown["0"]


def test_the_width_of_help_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "47")
    with pytest.raises(SystemExit):
        main(["build", "--help"])
    lines = capsys.readouterr().out.splitlines()
    indented = [line for line in lines if line.startswith(" " * 24)]
    assert indented
    assert max(map(len, indented)) <= 47


def test_the_traceback_is_shown_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["no-such-command"]) == 2
    monkeypatch.setenv("LLBFRONT_DEBUG", "1")
    with pytest.raises(OptionError):
        main(["no-such-command"])


@pytest.fixture
def https_server(tmp_path: pathlib.Path) -> Iterator[str]:
    """Serve a Dockerfile over TLS, with the certificate in cert.pem, also under the name that a directory of certificates needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + dt.timedelta(days=2))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    hashed = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", tmp_path / "cert.pem"], capture_output=True, text=True, check=True
    )
    (tmp_path / "authorities").mkdir()
    (tmp_path / f"authorities/{hashed.stdout.strip()}.0").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://localhost:{server.server_port}/Dockerfile"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize(("variable", "value"), [("SSL_CERT_FILE", "cert.pem"), ("SSL_CERT_DIR", "authorities")])
def test_certificate_authorities(https_server: str, tmp_path: pathlib.Path, variable: str, value: str) -> None:
    code = "import sys; from llbfront.client.inputs.remote_dockerfile import fetch; print(fetch(sys.argv[1]))"
    for variables, succeeds in (({variable: str(tmp_path / value)}, True), ({}, False)):
        environ = {name: text for name, text in os.environ.items() if not name.startswith("SSL_CERT")} | variables
        done = subprocess.run([sys.executable, "-c", code, https_server], env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == succeeds, done.stderr


OWN_TESTS = pathlib.Path(__file__).read_text().partition("def applied")[2].partition("OWN_TESTS")[0]
# Where the effect of each row is tested, if not above; the file has the name in it.
TESTED_IN = {
    **dict.fromkeys(
        ("SOURCE_DATE_EPOCH", "DOCKER_DEFAULT_PLATFORM", "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"), "live/test_environment.py"
    ),
    **dict.fromkeys(("BUILDX_METADATA_WARNINGS", "BUILDX_METADATA_PROVENANCE", "proxies"), "live/test_environment.py"),
    **dict.fromkeys(("BUILDX_GIT_LABELS", "BUILDX_GIT_CHECK_DIRTY"), "client/git/test_commit_labels.py"),
    **dict.fromkeys(("BUILDKIT_HOST", "XDG_RUNTIME_DIR"), "engine/test_discover.py"),
    **dict.fromkeys(
        ("DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "currentContext"), "docker/test_context.py"
    ),
    **dict.fromkeys(("DOCKER_CONTEXT",), "docker/test_context.py"),
    **dict.fromkeys(("DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "auths", "credsStore", "credHelpers"), "session/test_credentials.py"),
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"), "http/test_proxy.py"),
    **dict.fromkeys(
        ("ACTIONS_RUNTIME_TOKEN", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_SERVICE_V2"),
        "client/buildflags/test_caches.py",
    ),
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "client/buildflags/test_caches.py"),
    **dict.fromkeys(("BUILDKIT_PROGRESS", "TERM"), "progress/test_display.py"),
    **dict.fromkeys(("BUILDKIT_COLORS", "NO_COLOR"), "progress/test_palette.py"),
    **dict.fromkeys(("BUILDKIT_TTY_LOG_LINES", "TTY_DISPLAY_RATE"), "progress/test_tty.py"),
    **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), "engine/test_directories.py"),
    **dict.fromkeys(("PIP_CONFIG_FILE",), "live/test_frontends.py"),
    **dict.fromkeys(("PIP_CERT",), "live/frontend_image.py"),
    "LLBFRONT_RECORD": "live/test_why.py",
    **dict.fromkeys(("BUILDX_BAKE_FILE", "BUILDX_BAKE_PATH_SEPARATOR", "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP"), "bake/cases.py"),
    "BUILDX_BAKE_FILE_RELATIVE_PATHS": "bake/texts/relative_paths.txt",
    **dict.fromkeys(("BUILDX_BAKE_ENTITLEMENTS_FS", "BAKE_ALLOW_REMOTE_FS_ACCESS"), "bake/test_permissions.py"),
    **dict.fromkeys(
        ("BUILDX_BAKE_GIT_AUTH_TOKEN", "BUILDX_BAKE_GIT_AUTH_HEADER", "BUILDX_BAKE_GIT_SSH", "BUILDX_BAKE_GIT_ADVICE"),
        "bake/test_remote.py",
    ),
    "SSH_AUTH_SOCK": "session/test_ssh.py",
    "BUILDKIT_SYNTAX": "client/request/test_syntax.py",
    "BUILDKIT_NO_CLIENT_TOKEN": "session/test_token_authority.py",
    "BUILDKIT_MULTI_PLATFORM": "frontend/test_options.py",
}


@pytest.mark.parametrize("name", sorted({setting.name for setting in SETTINGS if setting.is_honoured}))
def test_every_row_that_is_honoured_is_tested(name: str) -> None:
    text = (ROOT / "tests" / TESTED_IN[name]).read_text() if name in TESTED_IN else OWN_TESTS
    assert name in text
