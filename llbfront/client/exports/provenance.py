"""The record that an engine keeps of a build: its provenance, for a metadata file.

Source: build/provenance.go of docker/buildx; ProvenancePredicateSLSA1 in solver/llbsolver/provenance/types of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llbfront.errors import InvalidJson, RpcError
from llbfront.foreign_json import parse_object
from llbfront.gostd.strconv import parse_bool
from llbfront.pb import content_pb2 as content
from llbfront.pb import control_pb2 as control
from llbfront.rpc.codes import Code
from llbfront.rpc.services.content import ContentMethods
from llbfront.rpc.services.control import ControlMethods

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel

VARIABLE = "BUILDX_METADATA_PROVENANCE"
KEY = "buildx.build.provenance"
_IN_TOTO_TYPE = "application/vnd.in-toto+json"
_PREDICATE_TYPE_KEY = "in-toto.io/predicate-type"
_SLSA = "https://slsa.dev/provenance/"
_SLSA_1 = f"{_SLSA}v1"
_MAX_BYTES = 64 << 20
_BUILD_TYPE = "https://mobyproject.org/buildkit@v1"


def provenance_mode(text: str) -> str:
    """Read BUILDX_METADATA_PROVENANCE: `min`, `max`, or empty for no provenance. Unlike buildx, unset means none."""
    if not text or text == "disabled" or parse_bool(text) is False:
        return ""
    return "max" if text == "max" else "min"


def provenance(channel: Channel, ref: str, mode: str) -> dict[str, Any]:
    """Return the entries of the metadata file for the provenance of a build: one, or one for each platform.

    Args:
        channel: the connection to the engine.
        ref: the build.
        mode: `max`, or `min` for one without the steps and times of the build.

    Raises:
        RpcError: the engine keeps no records, or its record cannot be read.
    """
    call = channel.start(ControlMethods.ListenBuildHistory)
    call.send(control.BuildHistoryRequest(Ref=ref, EarlyExit=True))
    call.close_send()
    records = [event.record for event in call.messages() if event.HasField("record")]
    statements: dict[str, Any] = {}
    for record in records:
        results = {f"{KEY}/{platform}": info for platform, info in record.Results.items()}
        if not results and record.HasField("Result"):
            results = {KEY: record.Result}
        for key, info in results.items():
            if (descriptor := _statement(info)) is not None:
                statements[key] = _predicate(_read(channel, descriptor.digest), descriptor.annotations[_PREDICATE_TYPE_KEY], mode)
    return statements


def _statement(info: control.BuildResultInfo) -> control.Descriptor | None:
    return next(
        (
            attestation
            for attestation in info.Attestations
            if attestation.media_type == _IN_TOTO_TYPE and attestation.annotations.get(_PREDICATE_TYPE_KEY, "").startswith(_SLSA)
        ),
        None,
    )


def _read(channel: Channel, digest: str) -> bytes:
    call = channel.start(ContentMethods.Read)
    call.send(content.ReadContentRequest(digest=digest))
    call.close_send()
    data = bytearray()
    for message in call.messages():
        data += message.data
        if len(data) > _MAX_BYTES:
            raise RpcError(f"the provenance that the engine recorded has more than {_MAX_BYTES} bytes", code=Code.INTERNAL)
    return bytes(data)


def _predicate(data: bytes, predicate_type: str, mode: str) -> dict[str, Any]:
    """Decode a predicate and return it in the form of SLSA 0.2, which the metadata file has."""
    try:
        document = parse_object(data).members
        predicate = _slsa_02(document) if predicate_type == _SLSA_1 else dict(document)
    except InvalidJson as error:
        raise RpcError(f"the provenance that the engine recorded cannot be read: {error.message}", code=Code.INTERNAL) from None
    except (ValueError, TypeError, AttributeError):
        raise RpcError("the provenance that the engine recorded is neither SLSA 0.2 nor SLSA 1", code=Code.INTERNAL) from None
    return (
        predicate if mode == "max" else {key: value for key, value in predicate.items() if key not in {"buildConfig", "metadata"}}
    )


def _slsa_02(document: dict[str, Any]) -> dict[str, Any]:
    definition, details = document.get("buildDefinition") or {}, document.get("runDetails") or {}
    external, internal = definition.get("externalParameters") or {}, definition.get("internalParameters") or {}
    source = external.get("configSource") or {}
    predicate = {
        "builder": {"id": (details.get("builder") or {}).get("id", "")},
        "buildType": _BUILD_TYPE,
        "materials": [
            {key: dependency[key] for key in ("uri", "digest") if dependency.get(key)}
            for dependency in definition.get("resolvedDependencies") or ()
        ],
        "invocation": {
            "configSource": {
                name: source[key] for name, key in (("uri", "uri"), ("digest", "digest"), ("entryPoint", "path")) if source.get(key)
            },
            "parameters": external.get("request") or {},
            "environment": {
                "platform": internal.get("builderPlatform", ""),
                **{
                    key: value for key, value in internal.items() if key not in {"builderPlatform", "targetPlatform", "buildConfig"}
                },
            },
        },
        "buildConfig": internal.get("buildConfig"),
        "metadata": _metadata(details.get("metadata")),
    }
    return {key: value for key, value in predicate.items() if value}


def _metadata(metadata: dict[str, Any] | None) -> dict[str, Any]:
    if not metadata:
        return {}
    complete = metadata.get("buildkit_completeness") or {}
    renamed = {
        "buildInvocationID": metadata.get("invocationID"),
        "buildStartedOn": metadata.get("startedOn"),
        "buildFinishedOn": metadata.get("finishedOn"),
        "completeness": {
            "parameters": bool(complete.get("request")),
            "environment": True,
            "materials": bool(complete.get("resolvedDependencies")),
        },
        "reproducible": bool(metadata.get("buildkit_reproducible")),
        "https://mobyproject.org/buildkit@v1#hermetic": metadata.get("buildkit_hermetic"),
        "https://mobyproject.org/buildkit@v1#metadata": metadata.get("buildkit_metadata"),
    }
    return {key: value for key, value in renamed.items() if value is not None}
