"""Capabilities: what an engine supports, and what a graph requires.

Source: util/apicaps/caps.go, solver/pb/caps.go, frontend/gateway/pb/caps.go, frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.errors import UnsupportedCapability

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition


def _ids(text: str) -> frozenset[str]:
    """Read ids written as `prefix: suffix suffix …` lines; `.` is the prefix itself."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return frozenset(
        prefix.strip() if suffix == "." else f"{prefix.strip()}.{suffix}"
        for prefix, suffixes in lines
        for suffix in suffixes.split()
    )


# Parity: the engine spells the capability of http owners `soruce`; file.copy.modestring and exec.meta.removemountstubs.recursive
# exist there but are not registered, so that needing them would make every engine refuse the graph.
LLB_KNOWN = _ids("""
    source.image: . resolvemode layerlimit checksum
    source.local: . unique sessionid includepatterns followpaths excludepatterns sharedkeyhint differ metadatatransfer
    source.git: . keepgitdir fullurl httpauth knownsshhosts mountsshsock subdir checksum skipsubmodules signatureverify mtime
    source.git: fetchbycommit bundle checkoutbundle
    source.http: . auth checksum perm header signatureverify
    soruce.http: uidgid
    source: imageblob ocilayout buildop.llbfilename policy policy.session
    exec.meta: base cgroup.parent network network.proxy proxyenv security security.devices.v1 setsdefaultpath ulimit cdi
    exec.meta: linux.resources
    exec.mount: bind bind.readwrite-nooutput cache cache.sharing cache.content selector tmpfs tmpfs.size secret ssh
    exec: cgroup secretenv validexitcode
    file: base rm.wildcard rm.nofollowsymlink copy.includeexcludepatterns copy.requiredpaths
    file: copy.alwaysreplaceexistingdestpaths symlink.create
    constraints: .
    platform: .
    meta: ignorecache description exportcache
    mergeop: .
    diffop: .
    passthroughop: .
    cache: gha s3 azblob
    exporter: image.annotations image.attestations sourcedateepoch multiple session
    gc: freespacefilter
    history: filter
""")
FRONTEND_KNOWN = _ids("""
    solve: base inlinereturn
    resolveimage: . resolvemode
    readfile: .
    return: .
    returnmap: .
    readdir: .
    statfile: .
    importcaches: .
    proto: refarray
    reference: output attestations
    frontend: inputs caps
    gateway: solve.metadata solve.evaluate evaluate warnings
    gateway.exec: . extrahosts secretenv signals filesystem
    source.metaresolver: . image.attestations http.checksumrequest
""")
_ADDED_IN = {"file.base": {"docker": "Docker v19.03", "buildkit": "BuildKit v0.5.0"}}


def _feature(cap: str) -> str:
    """Describe a capability. Parity: BuildKit's words, with a blank for the name, which capabilities of graphs do not have."""
    return f"requested {'prerelease' if cap in _ADDED_IN else 'experimental'} feature {cap} "


@attrs.frozen
class Caps:
    """Capabilities of an engine.

    Args:
        enabled: the ids that it has.
        disabled: pairs of an id that is disabled and the reason, which may be empty.
        product: `buildkit`, or `docker` for a docker engine.
        known: the ids that this version of llbfront knows.
    """

    enabled: frozenset[str]
    disabled: tuple[tuple[str, str], ...] = ()
    product: str = "buildkit"
    known: frozenset[str] = attrs.field(default=LLB_KNOWN, repr=False)

    def supports(self, cap: str) -> bool:
        """Return whether the engine has a capability, and llbfront knows it."""
        return cap in self.enabled and cap in self.known

    def require(self, cap: str) -> None:
        """Do nothing if the engine has a capability.

        Raises:
            UnsupportedCapability: the message tells apart what llbfront does not know, what the engine lacks and what is disabled there.
        """
        if self.supports(cap):
            return
        if cap not in self.known:
            raise UnsupportedCapability(f"unknown API capability {cap}")
        for disabled, reason in self.disabled:
            if disabled == cap:
                why = f": {reason}" if reason else ""
                raise UnsupportedCapability(f"{_feature(cap)} has been disabled on the build server{why}")
        added = _ADDED_IN.get(cap, {}).get(self.product)
        since = f" (added in {added})" if added else ""
        raise UnsupportedCapability(f"{_feature(cap)} is not supported by build server{since}, please update {self.product}")

    def check(self, definition: Definition) -> None:
        """Do nothing if the engine can solve a definition.

        Raises:
            UnsupportedCapability: a capability is missing.
        """
        for meta in definition.metadata.values():
            if not meta.caps <= self.enabled:
                for cap in sorted(meta.caps):
                    self.require(cap)


LLB_DEFAULT = Caps(
    _ids("""
        source.image: .
        source.local: . unique sessionid includepatterns followpaths excludepatterns sharedkeyhint
        source.git: . keepgitdir fullurl
        source.http: . checksum perm
        soruce.http: uidgid
        source: buildop.llbfilename
        exec.meta: base proxyenv
        exec.mount: bind cache cache.sharing selector tmpfs secret
        constraints: .
        platform: .
        meta: ignorecache description exportcache
    """)
)
"""The LLB capabilities of an engine that lists none."""
FRONTEND_DEFAULT = Caps(frozenset(("solve.base", "solve.inlinereturn", "resolveimage", "readfile")), known=FRONTEND_KNOWN)
"""The frontend capabilities of an engine that lists none."""
