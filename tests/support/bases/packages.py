"""Find programs of Debian packages: the one on PATH, else the one unpacked from its package into the cache. No service is started."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile

from llbfront.engine.download import ATTEMPTS, run_download


class Missing(Exception):
    """A program is neither here nor to be had; the message says what to install."""


def cache() -> pathlib.Path:
    """Return the directory that keeps what was made or downloaded."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = pathlib.Path(base, "llbfront-tests")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def program(package: str, inside: str) -> str:
    """Return a program of a package that needs nothing beside it; `inside` is its path in the package.

    Raises: Missing if it is not installed and the package cannot be downloaded.
    """
    name = os.path.basename(inside)
    path = shutil.which(name) or next(
        (f"{where}/{name}" for where in ("/usr/sbin", "/sbin") if os.path.exists(f"{where}/{name}")), None
    )
    if path:
        return path
    home = cache() / "packages" / package
    if not (home / inside).exists():
        _unpack(package, home)
    return str(home / inside)


def _unpack(package: str, home: pathlib.Path) -> None:
    if not shutil.which("apt-get"):
        raise Missing(f"{package} is missing: install it with the package manager")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as aside:
        done = _download(package, aside, attempts=1)
        if done.returncode != 0 and os.geteuid() == 0:
            run_download(["apt-get", "-qq", "update"])
        if done.returncode != 0:
            done = _download(package, aside)
        archive = next(pathlib.Path(aside).glob("*.deb"), None)
        if archive is None:
            raise Missing(f"{package} is missing: apt-get install {package} ({done.stdout.strip()})")
        subprocess.run(["dpkg-deb", "--extract", str(archive), f"{aside}/tree"], check=True)
        shutil.rmtree(home, ignore_errors=True)
        os.rename(f"{aside}/tree", home)


def _download(package: str, into: str, *, attempts: int = ATTEMPTS) -> subprocess.CompletedProcess[str]:
    # As root apt drops its rights for the download and warns when it cannot, which changes nothing here.
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package]
    return run_download(command, attempts=attempts, cwd=into)
