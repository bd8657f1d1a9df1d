"""Builds with several flags at once, each set of which may act on the others.

Source: docker buildx build --help; the reference pages of docker buildx build.
"""

from __future__ import annotations

from tests.live.beside_buildx.row import DOCKERFILE, FLAT, Row

OCI = "-o type=oci,dest=out.tar"
BOTH = "--platform linux/amd64,linux/arm64"
PREDICATE = "files.out.tar.manifests[0].content.manifests[1].content.layers[0].content.predicate"
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
TAG = "-t <registry>/beside/app:1"
FACTS = "--metadata-file metadata.json --iidfile iid"
MAX = "--provenance mode=max"
SUB = "FROM scratch\nCOPY file /sub/f\nCOPY file /g\n"
NAMED = "FROM scratch\nCOPY --from=code . /code\nCOPY --from=other . /other\nCOPY --from=base /bin/sh /sh\n"
IGNORED = {"ctx/.dockerignore": "*\n!file\n", "other/f": "f\n", "other/.dockerignore": "ig*\n", "other/ignored": ""}

ROWS = (
    Row("four outputs", f"-o out -o type=tar,dest=out2.tar -o type=docker,dest=d.tar {OCI} -t app:1"),
    Row("push beside an archive and facts", f"{TAG} --push {OCI} {FACTS}"),
    Row("push of two platforms with annotations at each level", f"{BOTH} {TAG} --push --annotation index,manifest:a=b --annotation 'manifest[linux/arm64],index-descriptor:c=d' {FACTS}", FLAT),
    Row("annotations beside attributes of the output", f"--annotation a=flag --annotation manifest-descriptor:d=1 {OCI},annotation.a=attribute,annotation-manifest.b=2"),
    Row("two platforms, zstd, epoch, annotations", f"{BOTH} --annotation index:a=b {OCI},compression=zstd,force-compression=true,rewrite-timestamp=true", FLAT, environ=EPOCH),
    Row("two platforms with attestations, pushed twice", f"{BOTH} {TAG} -t <registry>/beside/app:2 --push {MAX} --sbom generator=<scanner> --metadata-file metadata.json", FLAT),
    Row("attested without OCI artifacts", f"{MAX} -o type=image,name=<registry>/beside/app,push=true,oci-artifact=false"),
    Row("attested as OCI artifacts", f"{MAX} -o type=image,name=<registry>/beside/app,push=true,oci-artifact=true"),
    Row("attested and reproducible with an epoch", f"--provenance mode=max,reproducible=true {OCI},rewrite-timestamp=true", environ=EPOCH),
    Row("a directory with provenance and a prefix", f"{MAX} -o type=local,dest=out,attestation-prefix=my."),
    Row("provenance of named contexts", f"{MAX} --build-context code=<git>#v1 --build-context base=docker-image://busybox@<digest> {OCI}", NAMED.replace("COPY --from=other . /other\n", ""), decided={f"{PREDICATE}.runDetails.metadata.buildkit_hermetic": "the engine itself reads no directory"}),
    Row("provenance of a git context with arguments and labels", f"{MAX} --build-arg WHO=git --label l=1 {OCI}", context="<git>#v1", decided={f"{PREDICATE}.buildDefinition.externalParameters.configSource": "engines fill it in for a frontend that they run"}),
    Row("named contexts with a target and a directory", "--build-context code=<git>#main:sub --build-context other=other --build-context base=docker-image://busybox -o out", NAMED, files=IGNORED),
    Row("context named like the main one", "--build-context context=other -o out", "FROM scratch\nCOPY . /\n", files=IGNORED),
    Row("context named like the Dockerfile", "--build-context dockerfile=other -o out", "FROM scratch\nCOPY --from=dockerfile . /\nCOPY file /\n", files=IGNORED),
    Row("stage replaced by a directory", "--build-context base=other -o out --target final", DOCKERFILE.replace("/who /who", "/f /who"), files=IGNORED),
    Row("caches of all kinds, one run", f"--cache-to type=local,dest=cache,mode=max --cache-to type=inline --cache-to type=registry,ref=<registry>/beside/cache,mode=max,image-manifest=true,oci-mediatypes=true {TAG} --push"),
    Row("cache of two platforms", f"{BOTH} --cache-to type=local,dest=cache,mode=max", FLAT),
    Row("cache of a target with arguments", "--target test --build-arg WHO=cache --cache-to type=registry,ref=<registry>/beside/cache:t,mode=min"),
    Row("cache that is compressed as estargz", "--cache-to type=local,dest=cache,mode=max,compression=estargz,force-compression=true"),
    Row("ignored cache error beside a directory", "--cache-to type=registry,ref=127.0.0.1:1/none,ignore-error=true -o out --metadata-file metadata.json"),
    Row("part of two platforms in a directory", f"{BOTH} -o type=local,dest=out,src=sub", SUB),
    Row("part that is missing", "-o type=local,dest=out,src=nothing", SUB, fails=True),
    Row("mirror of two platforms", f"{BOTH} -o type=local,dest=out,mode=delete --allow buildx.local.delete", FLAT, files={"out/old": "old\n"}),
    Row("limits, hosts, network and a secret at once", "--no-cache --ulimit nofile=64 --shm-size 16m --add-host a.test:10.1.2.3 --network none --secret id=t,env=TOKEN -o out", "FROM busybox AS run\nRUN --mount=type=secret,id=t,env=T (ulimit -n; grep -c a.test /etc/hosts; echo $T) > /x\nFROM scratch\nCOPY --from=run /x /\n", environ={"TOKEN": "hush"}, repeats=False),
    Row("labels that arguments set, too", f"--label kind=flag --label empty= --build-arg WHO= {OCI} {FACTS}"),
    Row("quiet push by digest with facts", "-q -o type=image,name=<registry>/beside/app,push-by-digest=true,push=true --metadata-file metadata.json", shows=True),
    Row("docker media types and attestations", "--provenance true -o type=image,name=<registry>/beside/app,push=true,oci-mediatypes=false", fails=True),
    Row("Dockerfile on standard input with a git context", "-f - -o out", stdin="FROM scratch\nCOPY . /\n", context="<git>#v1"),
    Row("Dockerfile of the context with an archive", "-f Dockerfile -o out --no-cache", context="<files>/context.tar", repeats=False),
    Row("checks that are errors stop the build", "--build-arg BUILDKIT_DOCKERFILE_CHECK=error=true -o out", "FROM busybox as base\n", fails=True),
    Row("checks that are skipped", "--build-arg 'BUILDKIT_DOCKERFILE_CHECK=skip=all;error=true' -o type=tar,dest=out.tar", "FROM scratch as base\nCOPY file /\n"),
    Row("no cache of a stage that is not there", "--no-cache-filter nothing -o out"),
    Row("flags that exclude each other", "--load --push -t app", fails=True),
)  # fmt: skip
