"""The same rows on engines of years ago, which lack capabilities: our image does there what the reference's image does.

These engines know less, so the expectations of the rows are not checked. Run by `make older`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.engine import config
from tests.live import older_engines, reference_frontend
from tests.live.conformance import archives, handmade, scheduler, servers, table
from tests.live.conformance.conftest import selected_rows
from tests.live.conformance.frontends import Frontend
from tests.live.conformance.row import Fails
from tests.live.conftest import missing
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.live.conformance.row import Row
    from tests.live.conftest import Engine

pytestmark = pytest.mark.older

EXCUSED = {
    "only the first of several platforms is checked": "exporting several empty results ends buildkitd v0.12.5",
    "an epoch that is not a number names a context": "these engines read the epoch themselves, and take only numbers",
    "the epoch of a stage with one ADD is the time of its source": "the same",
    "a source known by its checksum has the time of its newest file, packed as tar.xz": "the reference's image has no xz",
    "an empty ignore file of a Dockerfile ignores nothing": "the reference's image takes it for none",
    "an empty ignore file of the Dockerfile is used": "the same",
    "stages that depend on each other are an error": "the reference's image tells the places the other way round",
}
# Of an error that the engine told it, the reference's image title only what the engine said, ours what the reference in an engine title.
SAYS_LESS = {
    "a missing base image suggests a similar image",
    "a missing base image suggests a similar stage",
    "a missing Dockerfile is an error",
    "a number is a stage for COPY and an image for a mount",
    "a missing scanner is an error",
    "a syntax line selects another frontend",
    "a missing image is an error",
    "an empty HTTP Dockerfile has no context",
    "dockerfile.v0 as syntax is an image name",
    "an error of git keeps all its lines",
    "an HTTP context that does not exist is an error",
    *(
        f"{title}, {way}"
        for _, title, inside, _ in archives.CASES
        if isinstance(inside, Fails)
        for way in ("over HTTP", "on standard input")
    ),
}
# Graphs made by hand are left out: these engines know no blobs, and end over ops that today's refuses.
ROWS = tuple(row for row in table.rows() if row.title not in EXCUSED and row not in handmade.ROWS)


@pytest.fixture(scope="module", params=older_engines.VERSIONS)
def older_outcomes(
    base_images: tuple[config.Registry, ...],
    engine: Engine,
    registry: bases.Registry,
    image: str,
    remote: Mapping[str, str],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[scheduler.Outcomes]:
    """Build the rows on an engine of a version."""
    rows = selected_rows(request, request.param)
    with llbfront.connect(engine.address) as client:
        reference = reference_frontend.image(client, registry.address)
        names = {"<frontend>": image, **servers.scanner(client, registry.address), **remote}
    frontends = (Frontend("image", "gateway.v0", {"source": image}), Frontend("reference", "gateway.v0", {"source": reference}))
    try:
        with (
            older_engines.run(request.param, (*base_images, config.Registry(registry.address, is_http=True))) as address,
            scheduler.built(rows, frontends, names, address=address, registry=registry, folders=tmp_path_factory) as built,
        ):
            yield built
    except bases.Missing as error:
        missing(error)


@pytest.mark.parametrize("case", ROWS, ids=lambda row: row.name)
def test_row(case: Row, older_outcomes: scheduler.Outcomes) -> None:
    built = older_outcomes[case.name].result()
    ours, its = built["image"], built["reference"]
    if case.title in SAYS_LESS:
        assert ours.error and its.error and its.error.message in ours.error.message
    assert not ours.differences(its, is_here=False, differs_in_wording=case.differs_in_wording or case.title in SAYS_LESS)
