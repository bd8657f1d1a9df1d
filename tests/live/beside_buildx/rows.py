"""The rows: every flag of `docker buildx build`, and what users write in it.

Source: docker buildx build --help; the reference pages of docker buildx build.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.live.beside_buildx.row import FLAT, Row

OCI = "-o type=oci,dest=out.tar"
BOTH = "--platform linux/amd64,linux/arm64"
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
TAG = "-t <registry>/beside/app:1"
HOSTS = "FROM busybox\nRUN cp /etc/hosts /hosts\n"
SECRET = "FROM busybox AS run\nRUN --mount=type=secret,id=t{} cat /run/secrets/t > /t || echo none > /t\nFROM scratch\nCOPY --from=run /t /t\n"
SSH = "FROM busybox AS run\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo agent > /s\nFROM scratch\nCOPY --from=run /s /s\n"
STAMP = "FROM busybox AS a\nRUN head -c 9 /dev/urandom > /dev/null; echo a > /a\nFROM busybox AS b\nRUN echo b > /b\nFROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n"
FAILING = "FROM busybox\nRUN echo before; exit 7\n"
LINTED = "FROM busybox as base\nMAINTAINER somebody\nENV A $B\n"
KEY = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
PROXY = "FROM busybox AS run\nRUN echo $http_proxy $NO_PROXY > /proxies\nFROM scratch\nCOPY --from=run /proxies /\n"

OUTPUTS = (
    Row("nothing is asked for"),
    Row("a directory", "-o out"),
    Row("a directory in full", "--output type=local,dest=out"),
    Row("a directory that has files", "-o out", files={"out/old": "old\n"}),
    Row("tar on standard output", "-o -", shows=True),
    Row("tar", "-o type=tar,dest=out.tar"),
    Row("OCI archive", f"{OCI} {TAG}"),
    Row("OCI layout", f"-o type=oci,dest=out,tar=false {TAG}"),
    Row("docker archive", "-t app:1 -t app:2 -o type=docker,dest=out.tar"),
    Row("image", "-o type=image,name=app --metadata-file metadata.json --iidfile iid"),
    Row("image that is unpacked", "-o type=image,name=app,unpack=true"),
    Row("image that is not stored", "-o type=image,name=app,store=false"),
    Row("image with a dangling name", "-o type=image,dangling-name-prefix=beside --metadata-file metadata.json"),
    Row("image with a canonical name", "-o type=image,name=app,name-canonical=true --metadata-file metadata.json"),
    Row("cacheonly", "-o type=cacheonly"),
    Row("two outputs", f"-o out {OCI}"),
    Row("push", f"{TAG} --push --metadata-file metadata.json"),
    Row("push of two tags", f"{TAG} -t <registry>/beside/other --push"),
    Row("registry output", "-o type=registry,name=<registry>/beside/app"),
    Row("push by digest", "-o type=image,name=<registry>/beside/app,push-by-digest=true,push=true"),
    Row("push and a directory", f"{TAG} --push -o out"),
    Row("zstd", f"{OCI},compression=zstd,force-compression=true,compression-level=3"),
    Row("estargz", f"{OCI},compression=estargz,force-compression=true"),
    Row("uncompressed", f"{OCI},compression=uncompressed,force-compression=true"),
    Row("docker media types", "-o type=image,name=<registry>/beside/app,push=true,oci-mediatypes=false"),
    Row("nondistributable layers", f"{OCI},prefer-nondist-layers=true"),
    Row("rewritten timestamps", f"{OCI},rewrite-timestamp=true", environ=EPOCH),
    Row("source-date-epoch of an output", f"{OCI},source-date-epoch=1600000000,rewrite-timestamp=true"),
    Row("a directory within the result", "-o type=local,dest=out,src=/sub", "FROM scratch\nCOPY file /sub/f\nCOPY file /g\n"),
    Row(
        "tar of a directory within the result", "-o type=tar,dest=out.tar,src=sub", "FROM scratch\nCOPY file /sub/f\nCOPY file /g\n"
    ),
    Row("mirror without permission", "-o type=local,dest=out,mode=delete", files={"out/old": "old\n"}),
    Row("mirror", "-o type=local,dest=out,mode=delete --allow buildx.local.delete", files={"out/old": "old\n"}),
    Row("unknown output", "-o type=nothing", fails=True),
    Row("directory without dest", "-o type=local", fails=True),
    Row("push without a name", "--push", fails=True),
    Row("push of a directory", "--push -o out", fails=True),
    Row("file in place of a directory", "-o file", files={"file": "x"}, fails=True),
)
PLATFORMS = (
    Row("two platforms in a directory", f"{BOTH} -o out", FLAT),
    Row(
        "two platforms, not split",
        f"{BOTH} -o type=local,dest=out,platform-split=false",
        FLAT,
        fails=True,
        decided={"files.out": "llbfront leaves nothing half-written"},
    ),
    Row("one platform, split", "--platform linux/arm64 -o type=local,dest=out,platform-split=true", FLAT),
    Row("two platforms in a tar", f"{BOTH} -o type=tar,dest=out.tar", FLAT),
    Row("two platforms in an archive", f"{BOTH} {OCI} --metadata-file metadata.json", FLAT),
    Row("two platforms pushed", f"{BOTH} {TAG} --push", FLAT),
    Row("two platforms as a docker archive", f"{BOTH} -o type=docker,dest=out.tar", FLAT, fails=True),
    Row(
        "two flags of platforms",
        f"--platform linux/amd64 --platform linux/arm64/v8 {OCI}",
        FLAT,
        decided={
            "record.options.platform": "the frontend normalizes platforms",
            "record.response.verifier.requestopts": "the same",
        },
    ),
    Row(
        "one platform as an index",
        f"--platform linux/arm64 --build-arg BUILDKIT_MULTI_PLATFORM=1 {OCI}",
        FLAT,
        decided={"record.options.multi-platform": "the frontend reads the build argument"},
    ),
    Row("unknown platform", "--platform nonsense/", FLAT, fails=True),
    Row("platform of the environment", f"{OCI}", FLAT, environ={"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}),
    Row("platform local", f"--platform local {OCI}", FLAT),
)
FORWARDED = {"record.options.cmdline": "the frontend forwards the build", "record.options.source": "the same"}
ANNOTATIONS = (
    Row("annotation", f"--annotation a=b {OCI}"),
    Row("annotations of manifests", f"--annotation manifest:a=b --annotation 'manifest[linux/amd64]:c=d' {OCI}"),
    Row("annotations of descriptors", f"--annotation manifest-descriptor:a=b {OCI}"),
    Row("annotations of an index", f"{BOTH} --annotation index:a=b --annotation manifest,index:c=d {OCI}", FLAT),
    Row("annotations of an index descriptor", f"{BOTH} --annotation index-descriptor:a=b {OCI}", FLAT),
    Row("annotations of one platform", f"{BOTH} --annotation 'manifest[linux/arm64]:a=b' {TAG} --push", FLAT),
    Row("index annotation of one image", f"--annotation index:a=b {OCI}", fails=True),
    Row("annotation of an output", f"{OCI},annotation.a=b"),
    Row("annotation of nothing", f"--annotation a {OCI}", fails=True),
    Row("annotation of an unknown type", f"--annotation nothing:a=b {OCI}", fails=True),
    Row("labels", f"--label a=b --label c= --label d {OCI}"),
)
ATTESTATIONS = (
    Row("provenance", f"--provenance true {OCI}"),
    Row("provenance mode=min", f"--provenance mode=min {OCI}"),
    Row("provenance mode=max", f"--provenance mode=max --build-arg WHO=me --label x=y {OCI} --metadata-file metadata.json"),
    Row("provenance of SLSA 0.2", f"--provenance mode=max,version=v0.2 {OCI}"),
    Row("provenance with a builder", f"--attest type=provenance,mode=max,builder-id=https://ci.test/1 {TAG} --push"),
    Row("provenance inline only", "--provenance mode=min,inline-only=true -o out"),
    Row("provenance in a directory", "--provenance true -o out"),
    Row("provenance reproducible", f"--provenance mode=max,reproducible=true {OCI}"),
    Row("provenance turned off", f"--provenance=false {OCI}", environ={"BUILDX_NO_DEFAULT_ATTESTATIONS": ""}),
    Row("provenance disabled", f"--attest type=provenance,disabled=true {OCI}"),
    Row("provenance of two platforms", f"{BOTH} --provenance mode=max {OCI}", FLAT),
    Row("SBOM", f"--sbom generator=<scanner> {OCI}"),
    Row("SBOM and provenance", f"--attest type=sbom,generator=<scanner> --attest type=provenance,mode=max {TAG} --push"),
    Row("attestation as a docker archive", "--provenance true -o type=docker,dest=out.tar", fails=True),
    Row(
        "inline provenance with a docker archive", "--provenance mode=min,inline-only=true -o type=docker,dest=out.tar", fails=True
    ),
    Row("unknown attestation", f"--attest type=nothing {OCI}", fails=True),
    Row("provenance of an unknown mode", f"--provenance mode=all {OCI}", fails=True),
)
SOURCES = (
    Row("build arguments", "--build-arg WHO=me --build-arg NOBODY=1 -o out"),
    Row("build argument of the environment", "--build-arg WHO --build-arg UNSET -o out", environ={"WHO": "from the environment"}),
    Row("directory as a context", "--build-context other=other -o out", "FROM scratch\nCOPY --from=other . /\n", files={"other/f": "f\n", "other/.dockerignore": "ignored\n", "other/ignored": ""}),
    Row("image as a context", f"--build-context base=docker-image://busybox {OCI}", "FROM base\nCOPY file /\n"),
    Row("web file as a context", "--build-context web=<files>/context.tar -o out", "FROM scratch\nCOPY --from=web . /got\n"),
    Row("git as a context", "--build-context code=<git>#v1 -o out", "FROM scratch\nCOPY --from=code . /\n"),
    Row("scratch as a context", f"--build-context base=docker-image://scratch {OCI}", "FROM base\nCOPY file /\n"),
    Row("missing directory as a context", "--build-context other=nowhere -o out", fails=True),
    Row("context without a name", "--build-context nowhere -o out", fails=True),
    Row("Dockerfile elsewhere", "-f elsewhere/D -o out", files={"elsewhere/D": "FROM scratch\nCOPY file /g\n"}),
    Row("Dockerfile on standard input", "-f - -o out", stdin="FROM scratch\nCOPY file /g\n"),
    Row("Dockerfile alone", "-o out", context="-", stdin="FROM busybox AS a\nRUN echo x > /x\nFROM scratch\nCOPY --from=a /x /\n"),
    Row("missing Dockerfile", "-f nowhere -o out", fails=True),
    Row("missing context", "-o out", context="nowhere", fails=True),
    Row("git context", f"{OCI}", context="<git>#v1"),
    Row("git context below a directory", "-o out", context="<git>#main:sub"),
    Row("archive on the web", "-o out", context="<files>/context.tar"),
    Row("target", "--target base -o type=tar,dest=out.tar"),
    Row("unknown target", "--target nothing -o out", fails=True),
    Row("ignore file", "-o out", "FROM scratch\nCOPY . /\n", files={"ctx/.dockerignore": "*\n!keep*\nkeep2\n", "ctx/keep1": "1", "ctx/keep2": "2"}),
    Row("ignore file of a Dockerfile", "-f ctx/D -o out", files={"ctx/D": "FROM scratch\nCOPY . /\n", "ctx/D.dockerignore": "file\n", "ctx/.dockerignore": "D\n"}),
    Row("epoch of the environment", OCI, environ=EPOCH),
    Row("epoch as an argument", f"--build-arg SOURCE_DATE_EPOCH=1600000000 {OCI}"),
    Row("bad epoch", OCI, environ={"SOURCE_DATE_EPOCH": "yesterday"}, fails=True),
    Row("proxies of the configuration", "--no-cache -o out", PROXY, docker_config={"proxies": {"default": {"httpProxy": "http://proxy.test:1", "noProxy": "a,b"}}}, repeats=False, decided={"record.options.build-arg:http_proxy": "both letter cases, as docker build", "record.options.build-arg:no_proxy": "the same"}),
    Row("proxies as arguments", "--no-cache --build-arg http_proxy=http://proxy.test:2 --build-arg NO_PROXY=c -o out", PROXY, repeats=False),
    Row("failing step", "-o out --iidfile iid --metadata-file metadata.json", FAILING, fails=True),
    Row("mistake in the Dockerfile", "-o out", "FROM busybox\nRUNN true\n", fails=True),
    Row("empty Dockerfile", "-o out", "", fails=True),
    Row("build name", f"--build-arg BUILDKIT_BUILD_NAME=called {OCI}"),
)  # fmt: skip
CACHES = (
    Row("inline cache", f"{TAG} --push --cache-to type=inline"),
    Row("inline cache as an argument", f"{TAG} --push --build-arg BUILDKIT_INLINE_CACHE=1"),
    Row("local cache", "--cache-to type=local,dest=cache --metadata-file metadata.json"),
    Row("local cache of all stages", "--cache-to type=local,dest=cache,mode=max"),
    Row("local cache with a tag", "--cache-to type=local,dest=cache,tag=main,mode=max,image-manifest=false,oci-mediatypes=false"),
    Row("registry cache", "--cache-to type=registry,ref=<registry>/beside/cache,mode=max"),
    Row("registry cache as an index", "--cache-to type=registry,ref=<registry>/beside/cache,image-manifest=false"),
    Row(
        "registry cache in docker media types",
        "--cache-to type=registry,ref=<registry>/beside/cache,mode=max,image-manifest=false,oci-mediatypes=false",
    ),
    Row("compressed cache", "--cache-to type=local,dest=cache,mode=max,compression=zstd,force-compression=true"),
    Row("two caches", "--cache-to type=local,dest=cache --cache-to type=registry,ref=<registry>/beside/cache"),
    Row("cache to a name", "--cache-to <registry>/beside/cache"),
    Row("cache to nowhere", "--cache-to type=registry,ref=127.0.0.1:1/none", fails=True),
    Row("cache to nowhere, errors ignored", "--cache-to type=registry,ref=127.0.0.1:1/none,ignore-error=true"),
    Row(
        "missing caches",
        "--cache-from type=local,src=nowhere --cache-from <registry>/beside/none -o out",
        decided={"files.nowhere": "llbfront makes no directory for a cache that it reads"},
    ),
    Row("unknown cache", "--cache-to type=nothing", fails=True),
    Row("no cache", "--no-cache -o out", repeats=False),
    Row("no cache of one stage", "--no-cache-filter a -o out", STAMP, repeats=False),
    Row("no cache of two stages", "--no-cache-filter a,b -o out", STAMP, repeats=False),
    Row("no cache twice", "--no-cache --no-cache-filter a -o out", STAMP, fails=True),
    Row("pull", f"--pull {OCI}"),
)
STEPS = (
    Row("hosts", "--add-host a.test:10.1.2.3 --add-host b.test=10.1.2.4 --add-host 'c.test:[::1]' -o out", HOSTS.replace("FROM busybox", "FROM busybox AS run") + "FROM scratch\nCOPY --from=run /hosts /\n"),
    Row("bad host", "--add-host nothing -o out", fails=True),
    Row("bad address of a host", "--add-host a=b -o out", fails=True),
    Row("network none", "--network none -o out"),
    Row("network host", "--network host --allow network.host -o out"),
    Row("network host without permission", "--network host -o out", "FROM busybox\nRUN echo not cached\n"),
    Row("unknown network", "--network elsewhere -o out", fails=True),
    Row("insecure step", "--allow security.insecure -o out", "FROM busybox AS a\nRUN --security=insecure echo x > /x\nFROM scratch\nCOPY --from=a /x /\n"),
    Row("insecure step without permission", "-o out", "FROM busybox\nRUN --security=insecure echo y > /x\n", fails=True),
    Row("unknown permission", "--allow everything -o out", fails=True),
    Row("parent cgroup", "--cgroup-parent beside -o out"),
    Row("size of shared memory", "--shm-size 32m --no-cache -o out", "FROM busybox AS a\nRUN df /dev/shm | tail -1 | cut -c1-40 > /x\nFROM scratch\nCOPY --from=a /x /\n", repeats=False),
    Row("bad size of shared memory", "--shm-size much -o out", fails=True),
    Row("ulimits", "--ulimit nofile=100:200 --ulimit nproc=300 --no-cache -o out", "FROM busybox AS a\nRUN ulimit -n > /x\nFROM scratch\nCOPY --from=a /x /\n", repeats=False),
    Row("bad ulimit", "--ulimit nothing=1 -o out", fails=True),
    Row("resources", "--resource memory=256m --resource cpu-shares=512 -o out"),
    Row("bad resource", "--resource nothing=1 -o out", fails=True),
    Row("secret of a file", "--no-cache --secret id=t,src=token -o out", SECRET.format(",required"), files={"token": "hush"}, repeats=False),
    Row("secret of the environment", "--no-cache --secret id=t,env=TOKEN -o out", SECRET.format(",required"), environ={"TOKEN": "hush"}, repeats=False),
    Row("secret named like a variable", "--no-cache --secret id=t -o out", SECRET.format(",required"), environ={"t": "hush"}, repeats=False),
    Row("secret with a type", "--no-cache --secret type=env,id=t,env=TOKEN -o out", SECRET.format(",required"), environ={"TOKEN": "hush"}, repeats=False),
    Row("missing secret", "--no-cache -o out", SECRET.format(""), repeats=False),
    Row("missing required secret", "--no-cache -o out", SECRET.format(",required"), fails=True),
    Row("missing file of a secret", "--secret id=t,src=nowhere -o out", SECRET.format(",required"), fails=True),
    Row("secret of an unknown type", "--secret type=nothing,id=t -o out", SECRET.format(""), fails=True),
    Row("key", "--no-cache --ssh default=key -o out", SSH, files={"key": KEY}, repeats=False),
    Row("another frontend", "--build-arg BUILDKIT_SYNTAX=<frontend> -o out", decided=FORWARDED),
    Row("another frontend with a context", "--build-arg BUILDKIT_SYNTAX=<frontend> --build-context other=other -o out", "FROM scratch\nCOPY --from=other . /\n", decided=FORWARDED, files={"other/f": "f\n"}),
    Row("agent that is not there", "--no-cache -o out", SSH, fails=True),
    Row("key that is not there", "--ssh default=nowhere -o out", SSH, fails=True),
)  # fmt: skip
ANSWERS = (
    Row("check", "--check", LINTED, shows=True, fails=True),
    Row("check without findings", "--call check", shows=True),
    Row("check as JSON", "--call check,format=json", LINTED, shows=True, fails=True),
    Row("check without a status", "--call check,ignorestatus=true", LINTED, shows=True),
    Row("outline", "--call outline", shows=True),
    Row("outline as JSON", "--call outline,format=json --target base", shows=True),
    Row("targets", "--call targets", shows=True),
    Row("targets as JSON", "--call targets,format=json", shows=True),
    Row("unknown call", "--call nothing", fails=True),
    Row("check of a mistake", "--check", "FROM busybox\nRUNN true\n", fails=True),
    Row("quiet", "-q", shows=False),
    Row("quiet image", "-q -o type=image,name=app", shows=True),
    Row("quiet archive", f"-q {OCI}", shows=True),
    Row("quiet push", f"-q {TAG} --push", shows=True),
    Row("image ID of an archive", f"{OCI} --iidfile iid"),
    Row("image ID of a directory", "-o out --iidfile iid", fails=True),
    Row("image ID of nothing", "--iidfile iid", decided={"files.iid": "llbfront warns, and leaves no empty file"}),
    Row("metadata of a directory", "-o out --metadata-file metadata.json"),
    Row("metadata of nothing", "--metadata-file metadata.json"),
    Row(
        "metadata with provenance",
        f"{OCI} --metadata-file metadata.json",
        environ={"BUILDX_METADATA_PROVENANCE": "max"},
        repeats=False,
    ),
    Row(
        "metadata with little provenance",
        f"{OCI} --metadata-file metadata.json",
        environ={"BUILDX_METADATA_PROVENANCE": "min"},
        repeats=False,
    ),
    Row("metadata with warnings", f"{OCI} --metadata-file metadata.json", LINTED, environ={"BUILDX_METADATA_WARNINGS": "1"}),
    Row("progress plain", "--progress plain -o out"),
    Row("progress rawjson", "--progress rawjson -o out"),
    Row("progress quiet", "--progress quiet -o out"),
    Row("progress none", "--progress none -o out"),
    Row("progress tty", "--progress tty -o out", fails=True),
    Row("unknown progress", "--progress nothing -o out", fails=True),
    Row("two tags", "-t app:1 -t other/app:2 -o type=image --metadata-file metadata.json"),
    Row("bad tag", "-t a:b:c -o type=image", fails=True),
    Row(
        "tag in capitals",
        "-t UPPER/case -o type=image",
        decided={"fails": "no registry takes the name", "record": "so it is refused"},
    ),
    Row("two contexts", "-o out more", fails=True),
    Row("unknown flag", "--nothing", fails=True),
)
ROWS = (*OUTPUTS, *PLATFORMS, *ANNOTATIONS, *ATTESTATIONS, *SOURCES, *CACHES, *STEPS, *ANSWERS)
