"""Generate llbfront/pb from the .proto files beside this script: `*_pb2.py` modules and typed stubs.

Run by `make proto`. The pinned protoc is older than the newest one: the modules that it makes work with more versions of protobuf.
"""

import pathlib
import subprocess
import sys

import google.rpc.status_pb2

HERE = pathlib.Path(__file__).parent
INCLUDED = pathlib.Path(google.rpc.status_pb2.__file__).parents[2]
PLUGIN = pathlib.Path(sys.executable).with_name("protoc-gen-mypy")
INIT = '"""Protobuf messages of BuildKit\'s APIs. `make proto` generates this package from proto/; do not edit it."""\n'


def main(root: pathlib.Path) -> None:
    """Write the package below `root`, the directory that holds `llbfront`."""
    package = root / "llbfront" / "pb"
    for old in (*package.glob("*_pb2.py"), *package.glob("*_pb2.pyi")):
        old.unlink()
    package.mkdir(exist_ok=True, parents=True)
    (package / "__init__.py").write_text(INIT)
    protos = [f"llbfront/pb/{path.name}" for path in sorted(HERE.glob("*.proto"))]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-Illbfront/pb={HERE}", f"-I{INCLUDED}", f"--plugin={PLUGIN}"]
    subprocess.run([*command, f"--python_out={root}", f"--mypy_out=quiet:{root}", *protos], check=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
