"""Every environment variable and docker configuration key that docker buildx and buildctl read, and what it means here.

docs/environment.md is written from this table. A build does not load it.

Source: buildx v0.38.2, docker/cli v29.8.2 and buildctl v0.34.2, searched for what they read from the environment and config.json.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Setting:
    """A variable or a key. `effect` says what it does, or, when it is not honoured, why."""

    name: str
    read_by: str
    effect: str
    is_honoured: bool = True


BUILDX, BUILDCTL, DOCKER, BOTH, OURS = "buildx", "buildctl", "docker", "buildx, buildctl", "llbfront"
_NO_INSTANCES = "there are no builder instances; an engine is named with --addr or BUILDKIT_HOST"
_NO_TRACES = "llbfront sends no traces or metrics"
_NO_POLICIES = "llbfront evaluates no policies of buildx"
_NO_PLUGIN = "llbfront is not a plugin of the docker command"
_OTHER_COMMANDS = "it is about other commands of docker"
_ENGINE = "the engine reads it, from its own environment"


def _ignored(read_by: str, reason: str, *names: str) -> tuple[Setting, ...]:
    """Settings that llbfront ignores, for one reason."""
    return tuple(Setting(name, read_by, reason, is_honoured=False) for name in names)


VARIABLES = (
    # The build
    Setting("SOURCE_DATE_EPOCH", BOTH, "the build argument of that name, unless one is given; empty means unset"),
    Setting("DOCKER_DEFAULT_PLATFORM", BUILDX, "the platforms to build for, unless --platform is given"),
    Setting("BUILDX_NO_DEFAULT_LOAD", BUILDX, "a docker engine keeps the result only if an output is given"),
    Setting(
        "BUILDX_NO_DEFAULT_OCI_ARTIFACT",
        BUILDX,
        "attestations are not stored as OCI artifacts: `oci-artifact=false` of image outputs",
    ),
    Setting("BUILDX_NO_DEFAULT_ATTESTATIONS", BUILDX, "nothing to do: nothing is attested unless it is asked for"),
    Setting(
        "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", BUILDX, "the file of a source policy, as JSON or protobuf, that the engine obeys"
    ),
    Setting("SSH_AUTH_SOCK", BOTH, "the SSH agent of `--ssh default`, and of contexts from git over SSH"),
    Setting("BUILDKIT_SYNTAX", BUILDX, "only as `--build-arg BUILDKIT_SYNTAX`, as any build argument without a value"),
    # Engines
    Setting("BUILDKIT_HOST", BOTH, "the engine, unless --addr is given; no other engine is tried"),
    Setting("DOCKER_HOST", DOCKER, "the docker engine that is tried, and that --load uses"),
    Setting("DOCKER_CONTEXT", DOCKER, "the docker context whose engine is tried, and that --load uses"),
    Setting("DOCKER_CERT_PATH", DOCKER, "the directory of the certificates for a tcp:// DOCKER_HOST"),
    Setting("DOCKER_TLS_VERIFY", DOCKER, "speak TLS to DOCKER_HOST, and check its certificate"),
    Setting("DOCKER_TLS", DOCKER, "speak TLS to DOCKER_HOST"),
    Setting("XDG_RUNTIME_DIR", BUILDCTL, "where the sockets of rootless engines are looked for, and that of the private engine is"),
    # Credentials and requests
    Setting("DOCKER_CONFIG", DOCKER, "the directory of config.json, credentials and docker contexts"),
    Setting("DOCKER_AUTH_CONFIG", DOCKER, "credentials for registries; they take precedence over config.json"),
    Setting("BUILDKIT_NO_CLIENT_TOKEN", BOTH, "let the engine fetch registry tokens, with the password"),
    Setting("HTTP_PROXY", BOTH, "the proxy for http requests of llbfront itself; also in lower case"),
    Setting("HTTPS_PROXY", BOTH, "the proxy for https requests of llbfront itself; also in lower case"),
    Setting("NO_PROXY", BOTH, "the servers that need no proxy; also in lower case"),
    Setting("SSL_CERT_FILE", BOTH, "the certificate authorities that are trusted"),
    Setting("SSL_CERT_DIR", BOTH, "a directory of certificate authorities that are trusted"),
    # Caches
    Setting("ACTIONS_RUNTIME_TOKEN", BOTH, "`token` of caches of `type=gha`"),
    Setting("ACTIONS_CACHE_URL", BOTH, "`url` of caches of `type=gha`"),
    Setting("ACTIONS_RESULTS_URL", BOTH, "`url_v2` of caches of `type=gha` with version 2, and `url` without ACTIONS_CACHE_URL"),
    Setting("ACTIONS_CACHE_SERVICE_V2", BOTH, "true: caches of `type=gha` have version 2"),
    Setting("AWS_ACCESS_KEY_ID", BUILDX, "`access_key_id` of caches of `type=s3`"),
    Setting("AWS_SECRET_ACCESS_KEY", BUILDX, "`secret_access_key` of caches of `type=s3`"),
    Setting("AWS_SESSION_TOKEN", BUILDX, "`session_token` of caches of `type=s3`"),
    # Display
    Setting("BUILDKIT_PROGRESS", BOTH, "the mode of --progress auto"),
    Setting("BUILDKIT_COLORS", BOTH, "colours of the display, such as `run=green:error=255,90,0`"),
    Setting("BUILDKIT_TTY_LOG_LINES", BOTH, "log lines of each running step on a terminal"),
    Setting("TTY_DISPLAY_RATE", BOTH, "milliseconds between redraws on a terminal"),
    Setting("PROGRESS_NO_TRUNC", BOTH, "0: shorten the names of steps in plain output"),
    Setting("NO_COLOR", BOTH, "no colours"),
    Setting("TERM", BOTH, "dumb: plain output instead of a redrawn screen"),
    Setting("BUILDX_METADATA_WARNINGS", BUILDX, "true: `buildx.build.warnings` in the metadata file"),
    Setting(
        "BUILDX_METADATA_PROVENANCE",
        BUILDX,
        "min or max: `buildx.build.provenance` in the metadata file; unset: none, unlike buildx",
    ),
    Setting("BUILDX_GIT_LABELS", BUILDX, "true: labels with the commit, the remote and the Dockerfile of a context in git"),
    Setting(
        "BUILDX_GIT_CHECK_DIRTY", BUILDX, "true: the commit in labels ends in `-dirty` when there are changes or ignored files"
    ),
    # Bake
    Setting("BUILDX_BAKE_FILE", BUILDX, "the definition files of `llbfront bake`, unless -f is given"),
    Setting("BUILDX_BAKE_PATH_SEPARATOR", BUILDX, "what separates the files of BUILDX_BAKE_FILE, by default `:`"),
    Setting(
        "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", BUILDX, "true: variables of bake definitions are not taken from the environment"
    ),
    Setting(
        "BUILDX_BAKE_FILE_RELATIVE_PATHS", BUILDX, "true: contexts in bake definitions are relative to the files that define them"
    ),
    Setting("BUILDX_BAKE_ENTITLEMENTS_FS", BUILDX, "false: `llbfront bake` asks for no permission for paths and SSH agents"),
    Setting(
        "BAKE_ALLOW_REMOTE_FS_ACCESS", BUILDX, "true: the same for remote definitions, unless BUILDX_BAKE_ENTITLEMENTS_FS is set"
    ),
    Setting("BUILDX_BAKE_GIT_AUTH_TOKEN", BUILDX, "the token that fetches a remote bake definition and contexts of the same host"),
    Setting("BUILDX_BAKE_GIT_AUTH_HEADER", BUILDX, "the same as an HTTP Authorization header"),
    Setting("BUILDX_BAKE_GIT_SSH", BUILDX, "sockets or keys, with commas between, that fetch a remote bake definition over SSH"),
    Setting("BUILDX_BAKE_GIT_ADVICE", BUILDX, "true: git prints advice when it fetches a remote bake definition"),
    # Not honoured
    *_ignored(BUILDX, f"{_NO_INSTANCES}; a warning says so", "BUILDX_BUILDER"),
    *_ignored(BUILDX, _NO_INSTANCES, "BUILDX_CONFIG"),
    *_ignored(BUILDX, "there are no experimental commands or flags", "BUILDX_EXPERIMENTAL"),
    *_ignored(BUILDX, "engines record no options of a frontend that runs in the client, so no commit", "BUILDX_GIT_INFO"),
    *_ignored(BUILDX, _NO_POLICIES, "BUILDX_DEFAULT_POLICY"),
    *_ignored(BUILDX, "the frontend of llbfront understands git URLs with queries", "BUILDX_SEND_GIT_QUERY_AS_INPUT"),
    *_ignored(BUILDX, "it profiles buildx", "BUILDX_CPU_PROFILE", "BUILDX_MEM_PROFILE"),
    *_ignored(BUILDX, "there is no debugger", "BUILDX_DAP_USER_AGENT"),
    *_ignored(BUILDX, "kubectl reads it, for kube-pod:// addresses", "KUBECONFIG"),
    *_ignored(BUILDX, "AWS's configuration files are not read; set AWS_ACCESS_KEY_ID and the others", "AWS_PROFILE"),
    *_ignored(BUILDX, "buildx labels the containers of its builders with the job, from GITHUB_* and RUNNER_*", "GITHUB_ACTIONS"),
    *_ignored(BUILDX, "buildx tells its cloud driver where it runs", "CI"),
    *_ignored(BUILDX, "buildx keeps the owner of its files under sudo; llbfront writes no such files", "SUDO_COMMAND"),
    *_ignored(BUILDX, "paths of Windows are not translated", "WSL_DISTRO_NAME"),
    *_ignored(DOCKER, "every build is one of BuildKit", "DOCKER_BUILDKIT"),
    *_ignored(DOCKER, "the version of docker's API is found out", "DOCKER_API_VERSION"),
    *_ignored(DOCKER, "no headers are added to requests to docker engines", "DOCKER_CUSTOM_HEADERS"),
    *_ignored(
        DOCKER,
        _NO_PLUGIN,
        "DOCKER_CLI_HINTS",
        "DOCKER_CLI_HOOKS",
        "DOCKER_CLI_PLUGIN_SOCKET",
        "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND",
        "DOCKER_CLI_PLUGIN_USE_DIAL_STDIO",
    ),
    *_ignored(
        DOCKER,
        _OTHER_COMMANDS,
        "DOCKER_CLI_DISABLE_COMPLETION_DESCRIPTION",
        "DOCKER_COMPLETION_SHOW_CONTAINER_IDS",
        "DOCKER_HIDE_LEGACY_COMMANDS",
        "NORAW",
    ),
    *_ignored(DOCKER, "use --debug", "DEBUG"),
    *_ignored(DOCKER, "it configures programs in Go", "GODEBUG"),
    *_ignored(BOTH, f"{_NO_TRACES}; nor are the other OTEL_* and JAEGER_* variables", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    *_ignored(DOCKER, _NO_TRACES, "DOCKER_CLI_OTEL_EXPORTER_OTLP_ENDPOINT"),
    *_ignored(BUILDCTL, _NO_TRACES, "TRACEPARENT", "TRACESTATE"),
    *_ignored(BUILDCTL, "it debugs BuildKit", "BUILDKIT_DEBUG_PANIC_ON_ERROR"),
    *_ignored("buildkitd", _ENGINE, "BUILDKIT_STEP_LOG_MAX_SIZE", "BUILDKIT_STEP_LOG_MAX_SPEED"),
)

# Build arguments that a client reads; all others are read by the frontend, as in BuildKit.
BUILD_ARGS = (
    Setting("BUILDKIT_INLINE_CACHE", BUILDX, "true: `--cache-to type=inline`"),
    Setting("BUILDKIT_SYNTAX", BUILDX, "the image of the frontend; empty or `builtin`: the frontend of llbfront (see --syntax)"),
    Setting("BUILDKIT_MULTI_PLATFORM", BUILDX, "true: an index also for one platform"),
    Setting("SOURCE_DATE_EPOCH", BOTH, "the time of files and images that are made"),
    *_ignored(BUILDX, "BuildKit has no build info since 0.11", "BUILDKIT_INLINE_BUILDINFO_ATTRS"),
)

CONFIG_KEYS = (
    Setting("auths", DOCKER, "credentials for registries"),
    Setting("credsStore", DOCKER, "the credential helper of all registries"),
    Setting("credHelpers", DOCKER, "credential helpers of registries"),
    Setting("currentContext", DOCKER, "the docker context, unless DOCKER_HOST or DOCKER_CONTEXT is set"),
    Setting(
        "proxies",
        DOCKER,
        "`httpProxy`, `httpsProxy`, `ftpProxy`, `noProxy` and `allProxy` of the engine's address, or else of `default`: the build arguments "
        "HTTP_PROXY, http_proxy and so on, unless given in any case; not for commands that build nothing",
    ),
    *_ignored(DOCKER, "no headers are added to requests to docker engines", "HttpHeaders"),
    *_ignored(DOCKER, _NO_PLUGIN, "aliases", "cliPluginsExtraDirs", "plugins", "features"),
    *_ignored(DOCKER, _OTHER_COMMANDS, "detachKeys", "pruneFilters"),
    *_ignored(DOCKER, f"{_OTHER_COMMANDS}, as is every other key that ends in Format", "psFormat"),
)

# What only llbfront reads.
OWN_VARIABLES = (
    Setting("HOME", OURS, "where configuration and data are when the other variables are unset"),
    Setting("XDG_DATA_HOME", OURS, "where the private engine is installed"),
    Setting("XDG_STATE_HOME", OURS, "where the private engine keeps its state, and where builds are recorded"),
    Setting("XDG_CACHE_HOME", OURS, "where downloads are kept"),
    Setting("COLUMNS", OURS, "the width of help and trees"),
    Setting("PIP_CONFIG_FILE", OURS, "the configuration of pip for `llbfront frontend image`"),
    Setting("PIP_CERT", OURS, "the certificate authority of pip for `llbfront frontend image`"),
    Setting("LLBFRONT_RECORD", OURS, "0: keep no record of builds for `llbfront why` and `llbfront trace`"),
    Setting("LLBFRONT_DEBUG", OURS, "show the Python traceback of an error"),
)

_INTRODUCTION = """\
# Environment and configuration

What llbfront takes from environment variables and from docker's `config.json`, compared with docker buildx v0.38.2 and buildctl v0.34.2. Flags
and arguments count before both. The library reads the environment that `llbfront.connect(environ=…)` is given, by default that of the process;
arguments that are strings, such as a build argument without a value, are read where they are given, with that of the process. A `config.json` that
cannot be read is a warning, as for docker, until credentials are needed.

This page is written from `llbfront/client/request/environment_table.py` by `make docs`.
"""


def page() -> str:
    """Return docs/environment.md."""
    tables = (
        ("Environment variables", VARIABLES),
        ("Build arguments that a client reads", BUILD_ARGS),
        ("Keys of docker's config.json", CONFIG_KEYS),
        ("Variables that only llbfront reads", OWN_VARIABLES),
    )
    return _INTRODUCTION + "".join(_section(title, settings) for title, settings in tables)


def _section(title: str, settings: tuple[Setting, ...]) -> str:
    honoured = [setting for setting in settings if setting.is_honoured]
    others = [setting for setting in settings if not setting.is_honoured]
    text = f"\n## {title}\n\n{_table('effect', honoured)}"
    return text + (f"\nNot honoured:\n\n{_table('reason', others)}" if others else "")


def _table(column: str, settings: list[Setting]) -> str:
    rows = [f"| `{setting.name}` | {setting.read_by} | {setting.effect} |\n" for setting in settings]
    return f"| name | read by | {column} |\n| --- | --- | --- |\n" + "".join(rows)
