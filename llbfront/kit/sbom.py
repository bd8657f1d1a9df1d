"""Write the SBOM of a frontend image as an SPDX document.

    python3 -I sbom.py --packages DIRECTORY --wheels DIRECTORY --source DIRECTORY --arch ARCH [--epoch SECONDS] OUTPUT.spdx.json

It lists the Debian packages, the installed wheels and llbfront itself with their versions. The same input gives the same bytes; the time in
it is the epoch. It runs on a bare interpreter.

Source: the SPDX 2.3 specification, the package-url specification, deb-control(5), Python's core metadata specification.
"""

from __future__ import annotations

import argparse
import datetime as dt
import email.parser
import hashlib
import json
import pathlib
import re
import subprocess
import uuid
from typing import Any

UNSAID = "NOASSERTION"
IMAGE = "llbfront-frontend"
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_FIELDS = ("Package", "Version", "Architecture", "Maintainer", "Homepage")


def main(arguments: list[str] | None = None) -> int:
    """Write the document."""
    parser = argparse.ArgumentParser(prog="sbom", description="Write the SBOM of a frontend image.")
    parser.add_argument("--packages", required=True, metavar="DIRECTORY", help="Debian packages that were unpacked")
    parser.add_argument("--wheels", required=True, metavar="DIRECTORY", help="where wheels are installed")
    parser.add_argument("--source", required=True, metavar="DIRECTORY", help="the package llbfront")
    parser.add_argument("--arch", required=True, help="the image's architecture, as Debian calls it")
    parser.add_argument("--epoch", type=int, default=0, metavar="SECONDS", help="the time of the document (default: 0)")
    parser.add_argument("output", metavar="OUTPUT")
    options = parser.parse_args(arguments)
    version = find_version(pathlib.Path(options.source))
    packages = [
        package("pypi", "llbfront", version),
        *map(debian_package, sorted(pathlib.Path(options.packages).glob("*.deb"))),
        *map(wheel, sorted(pathlib.Path(options.wheels).glob("*.dist-info/METADATA"))),
    ]
    sbom = document(packages, version=version, arch=options.arch, epoch=options.epoch)
    pathlib.Path(options.output).write_text(json.dumps(sbom, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def find_version(source: pathlib.Path) -> str:
    match = _VERSION.search((source / "__init__.py").read_text(encoding="utf-8"))
    if match is None:
        raise SystemExit("llbfront has no version")
    return match[1]


def debian_package(path: pathlib.Path) -> dict[str, Any]:
    """Return the control data of a .deb."""
    command = ["dpkg-deb", "--show", "--showformat", "".join(f"${{{name}}}\\n" for name in _FIELDS), str(path)]
    name, version, arch, maintainer, home = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")[
        :5
    ]
    return package("deb/debian", name, version, arch=arch, supplier=f"Organization: {maintainer}", home=home)


def wheel(metadata: pathlib.Path) -> dict[str, Any]:
    """Return the entry of an installed wheel, from its metadata."""
    fields = email.parser.Parser().parsestr(metadata.read_text(encoding="utf-8"), headersonly=True)
    return package("pypi", fields["Name"].lower(), fields["Version"], home=fields["Home-page"] or "")


def package(kind: str, name: str, version: str, *, arch: str = "", supplier: str = UNSAID, home: str = "") -> dict[str, Any]:
    """Return the entry of a package. It has no information about licences."""
    locator = f"pkg:{kind}/{name}@{version.replace('+', '%2B')}" + (f"?arch={arch}" if arch else "")
    return {
        "SPDXID": f"SPDXRef-Package-{kind.split('/', maxsplit=1)[0]}-{re.sub('[^A-Za-z0-9.-]', '-', name)}",
        "name": name,
        "versionInfo": version,
        "supplier": supplier,
        "homepage": home or UNSAID,
        "downloadLocation": UNSAID,
        "filesAnalyzed": False,
        "licenseConcluded": UNSAID,
        "licenseDeclared": UNSAID,
        "copyrightText": UNSAID,
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}],
    }


def document(packages: list[dict[str, Any]], *, version: str, arch: str, epoch: int) -> dict[str, Any]:
    """Return the SBOM document of an image with packages."""
    image = {**package("oci", IMAGE, version, arch=arch), "SPDXID": "SPDXRef-Image", "primaryPackagePurpose": "CONTAINER"}
    content = hashlib.sha256(json.dumps([image, packages], sort_keys=True).encode()).hexdigest()
    holds = [
        {"spdxElementId": image["SPDXID"], "relationshipType": "CONTAINS", "relatedSpdxElement": contained["SPDXID"]}
        for contained in packages
    ]
    described = {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": image["SPDXID"]}
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": IMAGE,
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}",
        "creationInfo": {
            "created": dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: llbfront-{version}"],
        },
        "packages": [image, *packages],
        "relationships": [described, *holds],
    }


if __name__ == "__main__":
    raise SystemExit(main())
