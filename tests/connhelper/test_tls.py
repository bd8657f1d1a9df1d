"""TLS towards an engine: authorities, names, and certificates of clients, with a server of grpcio's."""

from __future__ import annotations

import concurrent.futures
import pathlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import grpc
import pytest

from llbfront.connhelper.dial import dial
from llbfront.errors import ConnectError
from llbfront.rpc.tls import Tls
from tests.rpc.echo import UNARY, Bytes
from tests.rpc.test_grpcio_channel import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Make an authority (ca), a server that it vouches for (server) and a client (client), each as .pem and .key."""
    place = tmp_path_factory.mktemp("tls")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=place, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    for authority in ("ca", "other"):
        openssl("req", "-x509", *key, "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-subj", f"/CN={authority}")
    for name in ("server", "client"):
        openssl("req", *key[:-2], "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (place / "names").write_text("subjectAltName=DNS:engine.test\n")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem")
    return place


@pytest.fixture
def address(certificates: pathlib.Path) -> Iterator[str]:
    """A server that wants to see a certificate of its clients."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        server.add_generic_rpc_handlers((Reference(),))
        pair = ((certificates / "server.key").read_bytes(), (certificates / "server.pem").read_bytes())
        credentials = grpc.ssl_server_credentials([pair], (certificates / "ca.pem").read_bytes(), require_client_auth=True)
        port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        yield f"tcp://127.0.0.1:{port}"
        server.stop(0).wait()


def tls(place: pathlib.Path, ca: str = "ca", client: str | None = "client", server_name: str | None = "engine.test") -> Tls:
    pair = (None, None) if client is None else (f"{place}/{client}.pem", f"{place}/{client}.key")
    return Tls(ca=f"{place}/{ca}.pem", cert=pair[0], key=pair[1], server_name=server_name)


def test_both_sides_show_certificates(address: str, certificates: pathlib.Path) -> None:
    channel = dial(address, tls=tls(certificates))
    assert channel.unary(UNARY, Bytes(data=b"secret")).data == b"secret"
    channel.close()
    channel.loop.close()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"ca": "other"}, "ca.pem"),
        ({"client": None}, "ca.pem"),
        ({"server_name": "somebody.else"}, "?servername="),
        ({"server_name": None}, "?servername="),
    ],
)
def test_an_untrusted_connection_is_refused(
    address: str, certificates: pathlib.Path, wrong: dict[str, str | None], hint: str
) -> None:
    with pytest.raises(ConnectError, match="no engine at .*(TLS failed|certificate)") as caught:
        dial(address, tls=tls(certificates, **wrong))  # type: ignore[arg-type]
    assert hint in (caught.value.hint or "")


def test_a_file_that_is_not_there(certificates: pathlib.Path) -> None:
    with pytest.raises(ConnectError, match=r"cannot read .*/none\.pem: no such file"):
        dial("tcp://127.0.0.1:1", tls=tls(certificates, ca="none"))
