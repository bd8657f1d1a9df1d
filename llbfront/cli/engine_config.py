"""`llbfront engine config`: show and change the settings with which the private engine starts.

Source: docs/buildkitd.toml.md of BuildKit v0.34.2.
"""

from __future__ import annotations

import argparse
import os
import urllib.parse
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.cli import listing
from llbfront.cli.output import say, show
from llbfront.engine import daemon, directories, settings
from llbfront.engine.config import Registry, Settings
from llbfront.engine.daemon import Condition
from llbfront.errors import OptionError
from llbfront.gostd.units import ram_in_bytes
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.cli.main import Parser

SCHEMA = "llbfront.engine-config/1"
ENTITLEMENTS = ("device", "network.host", "security.insecure")
_SIZES = {"reserved_space": "reserved_bytes", "max_used_space": "max_used_bytes", "min_free_space": "min_free_bytes"}


def add_arguments(verb: Parser) -> None:
    registries, steps, cache = "registries", "steps and clients", "garbage collection of the cache"

    def lists(heading: str, flag: str, metavar: str, text: str) -> None:
        verb.under(heading).add_argument(flag, action="append", default=[], metavar=metavar, help=text)

    lists(
        registries,
        "--mirror",
        "HOST=MIRROR",
        "ask this mirror before the registry HOST, such as docker.io=mirror.example:5000; may be repeated",
    )
    lists(registries, "--http", "HOST", "the registry at HOST speaks plain HTTP")
    lists(registries, "--insecure", "HOST", "do not verify the certificate of the registry at HOST")
    lists(registries, "--ca", "HOST=FILE", "trust the certificates in FILE for the registry at HOST")
    lists(steps, "--allow", "ENTITLEMENT", f"let builds ask for an entitlement: {', '.join(ENTITLEMENTS)}")
    lists(steps, "--listen", "ADDRESS", "listen on this address, too; anybody who reaches it may build")
    add = verb.under(cache).add_argument
    add("--gc", choices=("on", "off"), help="remove old cache records automatically")
    add("--reserved-space", metavar="SIZE", help="garbage collection keeps at least this much")
    add("--max-used-space", metavar="SIZE", help="garbage collection keeps at most this much")
    add("--min-free-space", metavar="SIZE", help="garbage collection leaves this much free space on the disk")
    verb.under(steps).add_argument(
        "--max-parallelism", type=int, metavar="N", help="run at most N steps at the same time; 0 for no limit"
    )
    verb.add_argument("--reset", action="store_true", help="forget all settings made so far, before the other flags apply")
    verb.add_argument("--json", action="store_true", help=f"print the settings as JSON, in the form {SCHEMA}")


def run(parsed: argparse.Namespace) -> int:
    places = directories.default()
    before = Settings() if parsed.reset else settings.load_settings(places)
    after = changed(before, parsed)
    if parsed.reset or after != before:
        settings.save(after, places)
        if daemon.status(places).condition is Condition.RUNNING:
            say("llbfront: the private engine still runs with the old settings; llbfront engine restart applies the new ones")
    if parsed.json:
        listing.show_document(SCHEMA, settings=attrs.asdict(after))
    else:
        show(daemon.configuration(places).rstrip("\n"))
    return 0


def changed(before: Settings, parsed: argparse.Namespace) -> Settings:
    """Return settings with the changes that the flags mean. Raises: OptionError."""
    changes: dict[str, Any] = {
        name: _size(flag, text) for flag, name in _SIZES.items() if (text := getattr(parsed, flag)) is not None
    }
    if parsed.gc is not None:
        changes["has_gc"] = parsed.gc == "on"
    if parsed.max_parallelism is not None:
        if parsed.max_parallelism < 0:
            raise OptionError(f"--max-parallelism takes a number from 0, not {parsed.max_parallelism}")
        changes["max_parallelism"] = parsed.max_parallelism or None
    for name in parsed.allow:
        if name not in ENTITLEMENTS:
            raise OptionError(
                f"there is no entitlement {name!r}", hint=suggestion(name, ENTITLEMENTS) or f"one of {', '.join(ENTITLEMENTS)}"
            )
    changes["entitlements"] = tuple(dict.fromkeys((*before.entitlements, *parsed.allow)))
    changes["addresses"] = tuple(dict.fromkeys((*before.addresses, *map(_address, parsed.listen))))
    changes["registries"] = _registries(before, parsed)
    return attrs.evolve(before, **changes)


def _registries(before: Settings, parsed: argparse.Namespace) -> tuple[Registry, ...]:
    registries = {registry.host: registry for registry in before.registries}

    def change(host: str, **fields: Any) -> None:
        registries[host] = attrs.evolve(registries.get(host, Registry(host)), **fields)

    def extended(host: str, name: str, value: str) -> None:
        change(host, **{name: tuple(dict.fromkeys((*getattr(registries.get(host, Registry(host)), name), value)))})

    for text in parsed.mirror:
        extended(*_pair("--mirror", text, "mirrors"))
    for text in parsed.ca:
        host, name, path = _pair("--ca", text, "ca")
        if not os.path.isfile(path):
            raise OptionError(f"--ca names a file that does not exist: {path}")
        extended(host, name, os.path.abspath(path))
    for host in parsed.http:
        change(_host("--http", host), is_http=True)
    for host in parsed.insecure:
        change(_host("--insecure", host), is_insecure=True)
    return tuple(registries.values())


def _pair(flag: str, text: str, name: str) -> tuple[str, str, str]:
    host, has_value, value = text.partition("=")
    if not (has_value and value):
        raise OptionError(f"{flag} takes HOST=VALUE, not {text!r}")
    return _host(flag, host), name, value


def _host(flag: str, host: str) -> str:
    if not host or "/" in host or "=" in host or any(character.isspace() for character in host):
        raise OptionError(f"{flag} takes the host of a registry, such as docker.io or localhost:5000, not {host!r}")
    return host


def _address(text: str) -> str:
    if urllib.parse.urlsplit(text).scheme not in {"tcp", "unix"}:
        raise OptionError(f"--listen takes an address such as tcp://127.0.0.1:1234, not {text!r}")
    return text


def _size(flag: str, text: str) -> int | None:
    size = ram_in_bytes(text)
    if size is None or size < 0:
        raise OptionError(f"--{flag.replace('_', '-')} takes a size such as 10GB, not {text!r}")
    return size or None
