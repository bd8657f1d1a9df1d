"""Dockerfiles of about 100 KB that make a converter work: deep, long, many, or ambiguous.

`python -m tests.support.hostile NAME` converts one of `INPUTS` with its checks and prints the outcome.
"""

from __future__ import annotations

import gc
import pathlib
import sys
from typing import TYPE_CHECKING, Any

from llbfront.cli import GARBAGE_THRESHOLD
from llbfront.errors import LlbfrontError
from llbfront.frontend import image_configs, offline
from tests.support.hostile_shapes import BASE, FROM, LINE, LONG, SIZE, Input, many, nested, single, wrapped
from tests.support.multiplying import INPUTS as MULTIPLYING

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS: dict[str, Callable[[], Input]] = {
    # depth
    "nested defaults": lambda: Input(nested("${x-", "}")),
    "nested defaults of unset names": lambda: Input(nested("${u:-", "}", "end")),
    "nested alternates": lambda: Input(nested("${x:+", "}", "end")),
    "nested defaults in quotes": lambda: Input(nested('"${u:-', '}"', "end")),
    "nested replacements": lambda: Input(nested("${x/y/", "}", "end")),
    "nested replacements of all": lambda: Input(nested("${x//y/", "}", "end")),
    "nested patterns": lambda: Input(nested("${x#", "}", "end")),
    "nested patterns to replace": lambda: Input(nested("${x/", "/}", "y")),
    "nested and never closed": lambda: Input(nested("${u:-", "", "end")),
    "nested in a mount": lambda: Input(
        nested("${u:-", "}", "/t", before="FROM scratch\nRUN --mount=type=cache,target=")[:-1] + " x\n"
    ),
    "nested in a heredoc": lambda: Input(f"{FROM}COPY <<E /x\n" + "${u:-\n" * 12_500 + "}\n" * 12_400 + "}" * 100 + "\nE\n"),
    "nested in EXPOSE": lambda: Input(nested("${u:-", "}", "80", before="FROM scratch\nEXPOSE ")),
    "nested in FROM": lambda: Input(nested("${u:-", "}", "scratch", before="FROM ")),
    "nested in the name of a RUN": lambda: Input(nested("${x:-", "}", before="FROM scratch\nENV x=y\nRUN echo ")),
    "nested JSON": lambda: Input(f"{FROM}CMD " + "[" * 30_000 + "]" * 30_000 + "\n"),
    "nested JSON with strings": lambda: Input(f"{FROM}CMD " + '["a",' * 9_000 + '"a"' + "]" * 9_000 + "\n"),
    # length
    "one line of 65,535 bytes": lambda: Input(f"{FROM}RUN " + "x" * 65_531 + "\n"),
    "one word over many lines": lambda: Input(f"{FROM}RUN x\\\n" + "x\\\n" * 33_000 + "x\n"),
    "continuation lines": lambda: Input(f"{FROM}RUN a \\\n" + many("b \\\n", before="", size=SIZE - 100) + "c\n"),
    "empty lines in a continuation": lambda: Input(f"{FROM}RUN a \\\n" + "\n" * 99_000 + "c\n"),
    "comments in a continuation": lambda: Input(f"{FROM}RUN a \\\n" + "#\n" * 49_000 + "c\n"),
    "comments": lambda: Input(FROM + "#\n" * 49_000 + "CMD x\n"),
    "comments over an ARG of many names": lambda: Input("# a\n" * 12_500 + single("ARG", lambda n: f" n{n}", size=50_000) + FROM),
    "check comments": lambda: Input(many("# check=skip=all\nFROM scratch\n", before="")),
    "check comments over one stage": lambda: Input(many("# check=skip=StageNameCasing\n", before="", size=SIZE - 100) + FROM),
    "blanks in a directive": lambda: Input("# check=a" + " " * 60_000 + "b\nFROM scratch\n"),
    "blanks before a directive's sign": lambda: Input("# escape" + " " * 60_000 + "b\nFROM scratch\n"),
    "blanks": lambda: Input(f"{FROM}ENV a=b" + " " * 60_000 + "c=d\nRUN" + "\t" * 30_000 + "x\n"),
    "double quotes": lambda: Input(FROM + wrapped("ENV a=" + '"' * 99_900)),
    "single quotes": lambda: Input(FROM + wrapped("LABEL a=" + "'" * 99_900)),
    "quotes of both kinds": lambda: Input(FROM + wrapped("ENV a=" + '"\'"' * 33_300)),
    "open quotes": lambda: Input(FROM + many('\'" \\" ', before="ENV a=", size=LINE) + "\n"),
    "backslashes": lambda: Input(FROM + "ENV a=" + "\\" * 60_001 + "b\n"),
    "escaped blanks": lambda: Input(FROM + many("\\ ", before="ARG a=", size=LINE) + "b\n"),
    "dollars": lambda: Input(FROM + wrapped("ENV a=" + "$" * 99_900)),
    "a heredoc of variables": lambda: Input(
        FROM + "COPY <<E /x\n" + many(lambda n: f"$a{n} ${{b{n}:-c}}\n", before="", size=SIZE - 100) + "E\n"
    ),
    "a JSON array of many strings": lambda: Input(f"{FROM}CMD [" + '"a",' * 15_000 + '"a"]\n'),
    "a JSON string of escapes": lambda: Input(f'{FROM}CMD ["' + "\\u0041" * 9_900 + '"]\n'),
    "a JSON array that is none": lambda: Input(f'{FROM}CMD ["' + '", "' * 14_000 + "\n"),
    # many
    "ARGs": lambda: Input(many(lambda n: f"ARG a{n}\n")),
    "global ARGs that use the one before": lambda: Input(
        many(lambda n: f"ARG a{n}=${{a{n - 1}}}\n", before="", size=SIZE - 20) + FROM
    ),
    "ENVs that use the one before": lambda: Input(many(lambda n: f"ENV a{n}=$a{n - 1}\n")),
    "one ENV of many names": lambda: Input(FROM + single("ENV", lambda n: f" a{n}=b")),
    "LABELs": lambda: Input(many(lambda n: f"LABEL a{n}=b\n")),
    "one LABEL of many names": lambda: Input(FROM + single("LABEL", lambda n: f" a{n}=$b")),
    "an ENV that grows": lambda: Input(many("ENV P=$P:a\n")),
    "ENV and RUN in turn": lambda: Input(many(lambda n: f"ENV a{n}=b\nRUN x\n")),
    "ARG and RUN in turn": lambda: Input(many(lambda n: f"ARG a{n}=b\nRUN x\n")),
    "one ARG again and again before a RUN": lambda: Input(many(lambda n: f"ARG a=b{n}\nRUN x\n")),
    "a large ARG and many RUNs": lambda: Input(many("RUN x\n", before=f"FROM scratch\nARG a={'b' * 2000}\n")),
    "a large variable in many RUNs": lambda: Input(many("RUN $a\n", before=f"FROM scratch\nENV a={'b' * 1000}\n")),
    "unset names": lambda: Input(many(lambda n: f"ENV v=$name_of_{n:05}\n")),
    "unset names among many": lambda: Input(
        FROM
        + single("ENV", lambda n: f" name_of_a_{n:05}=b", size=50_000)
        + many(lambda n: f"USER $name_of_b_{n:05}\n", before="", size=50_000)
    ),
    "unset names in FROM among many": lambda: Input(
        single("ARG", lambda n: f" n{n:05}=b", size=50_000) + many(lambda n: f"FROM scratch$m{n:05}\n", before="", size=50_000)
    ),
    "stages": lambda: Input(many("FROM scratch\n", before="")),
    "stages of one name": lambda: Input(many("FROM scratch AS a\n", before="")),
    "stages on each other": lambda: Input(many(lambda n: f"FROM s{n} AS s{n + 1}\n", before="FROM scratch AS s0\n")),
    "stages on each other that run": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nRUN x\n", before="FROM scratch AS s0\n")
    ),
    "stages on each other with an ARG each": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nARG a{n}=b\n", before="FROM scratch AS s0\n")
    ),
    "stages on each other with a LABEL each": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nLABEL a{n}=b\n", before="FROM scratch AS s0\n")
    ),
    "stages on each other of a global ARG each": lambda: Input(
        single("ARG", lambda n: f" a{n}=s{n}", size=50_000)
        + many(lambda n: f"FROM $a{n} AS s{n + 1}\n", before="FROM scratch AS s0\n", size=49_000)
    ),
    "stages on each other below all ports": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\n", before="FROM scratch AS s0\nEXPOSE 0-65535\n")
    ),
    "stages on one of all ports": lambda: Input(
        many(lambda n: f"FROM a AS s{n}\nCOPY --from=s{n - 1} /x /\n", before="FROM scratch AS a\nEXPOSE 0-65535\nFROM a AS s-1\n")
    ),
    "stages that copy from the one before": lambda: Input(
        many(lambda n: f"FROM scratch AS s{n + 1}\nCOPY --from=s{n} / /\n", before="FROM scratch AS s0\n")
    ),
    "stages that copy from the one behind": lambda: Input(
        many(lambda n: f"FROM scratch AS s{n}\nCOPY --from=s{n + 1} / /\n", before="")
    ),
    "a target that is nearly a stage": lambda: Input(
        many(lambda n: f"FROM scratch AS stage{n:05}\n", before=""), options={"target": "stagee12345"}
    ),
    "COPY from one stage": lambda: Input(many("COPY --from=a /x /y\n", before="FROM scratch AS a\nCOPY b /\nFROM scratch\n")),
    "COPY from many images": lambda: Input(many(lambda n: f"COPY --from=image{n} /x /y\n")),
    "COPY with link": lambda: Input(many(lambda n: f"COPY --link a{n} /\n")),
    "one COPY of many sources": lambda: Input(FROM + single("COPY", lambda n: f" a{n}", " /x/")),
    "one COPY without many patterns": lambda: Input(FROM + single("COPY", lambda n: f" --exclude=a{n}", " . /")),
    "one COPY with parents": lambda: Input(FROM + single("COPY --parents", lambda n: f" a/./b{n}/*", " /x/")),
    "heredocs": lambda: Input(many("COPY <<E /x\na\nE\n")),
    "one COPY of many heredocs": lambda: Input(
        FROM + single("COPY", lambda n: f" <<E{n}", " /x/", size=50_000) + many(lambda n: f"E{n}\n", before="", size=45_000)
    ),
    "heredocs without an end": lambda: Input(FROM + single("RUN", lambda n: f" <<E{n}")),
    "words that look like heredocs": lambda: Input(FROM + single("RUN", "<<< ")),
    "one RUN of many mounts": lambda: Input(FROM + single("RUN", lambda n: f" --mount=target=/a{n}", " x")),
    "one RUN of many caches": lambda: Input(FROM + single("RUN", lambda n: f" --mount=type=cache,target=/a{n},uid=1", " x")),
    "one RUN of many secrets": lambda: Input(FROM + single("RUN", lambda n: f" --mount=type=secret,id=a{n},env=b{n}", " x")),
    "one RUN of many devices": lambda: Input(FROM + single("RUN", lambda n: f" --device=a/b=c{n}", " x")),
    "RUNs with a mount": lambda: Input(many("RUN --mount=type=cache,target=/x y\n")),
    "one mount of many fields": lambda: Input(FROM + single("RUN --mount=type=cache", ",target=/x", " x", size=LINE)),
    "flags": lambda: Input(FROM + single("COPY", " --link", " a b", size=LINE)),
    "WORKDIRs": lambda: Input(many(lambda n: f"WORKDIR /a{n}\n")),
    "WORKDIRs in each other": lambda: Input(many("WORKDIR a\n")),
    "USERs": lambda: Input(many(lambda n: f"USER a{n}\n")),
    "VOLUMEs": lambda: Input(many(lambda n: f"VOLUME /a{n}\n")),
    "SHELL and RUN in turn": lambda: Input(many('SHELL ["a"]\nRUN x\n')),
    "CMDs": lambda: Input(many("CMD x\n")),
    "HEALTHCHECKs": lambda: Input(many("HEALTHCHECK CMD x\n")),
    "EXPOSEs": lambda: Input(many(lambda n: f"EXPOSE {n % 60_000}\n")),
    "EXPOSE of ranges": lambda: Input(many(lambda n: f"EXPOSE {n}-{n + 1000}\n")),
    "EXPOSE of one range": lambda: Input(many("EXPOSE 1000-1999\n")),
    "EXPOSE of all ports": lambda: Input(many("EXPOSE 0-65535/udp\n", size=200)),
    "one EXPOSE of many ports": lambda: Input(FROM + single("EXPOSE", lambda n: f" {n % 65_536}")),
    "ONBUILDs": lambda: Input(many("ONBUILD RUN x\n", size=SIZE - 100) + "FROM scratch\n"),
    "ONBUILDs of a stage": lambda: Input(
        many(lambda n: f"ONBUILD ENV a{n}=b\n", before="FROM scratch AS a\n", size=SIZE - 100) + "FROM a\n"
    ),
    "ONBUILDs of an image": lambda: Input("FROM base\n", triggers=tuple(f"RUN echo {n}" for n in range(7_000))),
    "ADDs of addresses": lambda: Input(many(lambda n: f"ADD https://example.test/a{n}?b=c /\n")),
    "ADDs of repositories": lambda: Input(many(lambda n: f"ADD https://example.test/a{n}.git#v:d /\n")),
    # ambiguous
    "stars in a pattern to replace": lambda: Input(f"{FROM}ENV x={LONG}\nENV y=${{x//*a*b*/c}}\n"),
    "many stars in a pattern to replace": lambda: Input(f"{FROM}ENV x={LONG}\n" + "ENV y=${x//" + "*a" * 20_000 + "b/c}\n"),
    "many stars in many patterns": lambda: Input(
        f"{FROM}ENV x={'a' * 1000}\n" + many("ENV y=${x//a*a*a*a*a*b/c}\n", before="", size=98_000)
    ),
    "question marks in a pattern": lambda: Input(f"{FROM}ENV x={'a' * 30_000}\n" + "ENV y=${x//" + "?" * 15_000 + "b/c}\n"),
    "question marks in a pattern for the longest suffix": lambda: Input(
        f"{FROM}ENV x={'a' * 30_000}\n" + "ENV y=${x%%" + "?" * 15_000 + "b*}\n"
    ),
    "question marks in a pattern behind a star": lambda: Input(
        f"{FROM}ENV x={'a' * 30_000}\n" + "ENV y=${x##*" + "?" * 15_000 + "b}\n"
    ),
    "half a match everywhere": lambda: Input(f"{FROM}ENV x={'a' * 50_000}\nENV y=${{x//{'a' * 20_000}b/c}}\n"),
    "every letter replaced": lambda: Input(f"{FROM}ENV x={LONG}\nENV y=${{x//?/bb}}\n"),
    "every letter replaced by a template": lambda: Input(f"{FROM}ENV x={'a' * 20_000}\nENV y='${{x//?/${{0}}$1$0}}'\n"),
    "a template of many names": lambda: Input(f"{FROM}ENV x=aa\n" + "ENV y=${x//a/" + "\\$0" * 15_000 + "}\n"),
    "line feeds in a value": lambda: Input(f'{FROM}SHELL ["a"]\nCOPY <<E /x\n' + "${x//*a*/b}\n" * 8_000 + "E\n"),
    "a variable that doubles": lambda: Input(f"{FROM}ENV a=b\n" + "ENV a=$a$a\n" * 64),
    "a variable that doubles by replacing": lambda: Input(
        f"{FROM}ENV a=b\n" + "ENV a='${a//?/$0$0}'\n" * 3 + "ENV a=${a//?/\\$0\\$0}\n" * 64
    ),
    "a large variable in many labels": lambda: Input(
        f"{FROM}ENV a={LONG}\n" + many(lambda n: f"LABEL l{n}=$a$a$a\n", before="", size=49_000)
    ),
    "chmod of many signs": lambda: Input(f"{FROM}COPY --chmod=u" + "+" * 60_000 + "! a b\n"),
    "chmod of many parts": lambda: Input(f"{FROM}COPY --chmod=" + "u+r," * 15_000 + "! a b\n"),
    "a size of many digits": lambda: Input(f"{FROM}RUN --mount=type=tmpfs,target=/x,size=" + "1" * 60_000 + "x y\n"),
    "a stage number of many digits": lambda: Input(f"{FROM}COPY --from=" + "1" * 60_000 + " a b\n"),
    "a port of many digits": lambda: Input(f"{FROM}EXPOSE " + "1" * 60_000 + "\n"),
    "a user of many digits": lambda: Input(f"{FROM}COPY --chown=" + "1" * 60_000 + " a b\n"),
    "a mode of many digits": lambda: Input(f"{FROM}COPY --chmod=" + "7" * 60_000 + " a b\n"),
    "an epoch of many digits": lambda: Input(FROM, options={"build-arg:SOURCE_DATE_EPOCH": "1" * 60_000}),
    "a duration of many parts": lambda: Input(f"{FROM}HEALTHCHECK --interval=" + "1ns" * 20_000 + " CMD x\n"),
    "retries of many digits": lambda: Input(f"{FROM}HEALTHCHECK --retries=" + "1" * 60_000 + " CMD x\n"),
    "a signal of many digits": lambda: Input(f"{FROM}STOPSIGNAL " + "1" * 60_000 + "\n"),
    "an image of many parts": lambda: Input("FROM " + "a/" * 30_000 + "a\n"),
    "an image of many dots": lambda: Input("FROM " + "a." * 30_000 + ":\n"),
    "an image of many underscores": lambda: Input("FROM a" + "_" * 60_000 + "!\n"),
    "an image of many dashes": lambda: Input("FROM " + "a-" * 30_000 + "!\n"),
    "a host of many parts": lambda: Input("FROM " + "a-b." * 15_000 + "!/a\n"),
    "a digest of many parts": lambda: Input("FROM a@" + "a+" * 30_000 + "!\n"),
    "a platform of many parts": lambda: Input("FROM --platform=" + "a/" * 30_000 + " scratch\n"),
    "an address of many queries": lambda: Input(f"{FROM}ADD https://a.test/b.git?" + "ref=c&" * 10_000 + " /\n"),
    "an address of many dots": lambda: Input(f"{FROM}ADD https://a.test/" + "../" * 19_000 + "b.git /\n"),
    "an address of a user": lambda: Input(f"{FROM}ADD " + "a" * 30_000 + "@" + "b." * 14_000 + ":c /\n"),
    "an address of many slashes": lambda: Input(f"{FROM}ADD https:" + "/" * 60_000 + "!.git /\n"),
    "a path of many dots": lambda: Input(f"{FROM}COPY " + "../" * 20_000 + "a /\n"),
    "a path of many slashes": lambda: Input(f"{FROM}WORKDIR " + "/" * 60_000 + "a\n"),
    "names that look secret": lambda: Input(FROM + single("ARG", lambda n: f" {'_' * 50}key{n}")),
    "a long name that looks secret": lambda: Input(f"{FROM}ARG " + "_secre" * 10_000 + "\n"),
    # ignore files
    "ignore patterns of many stars": lambda: Input(
        f"{FROM}COPY {'a/' * 200}b /\n", ignore=many(lambda n: f"{'**/a/' * 20}{n}\n", before="", size=98_000)
    ),
    "an ignore pattern of many stars": lambda: Input(f"{FROM}COPY {'a/' * 20_000}b /\n", ignore="**/a/" * 10_000 + "c\n"),
    "an ignore pattern of stars in a name": lambda: Input(f"{FROM}COPY {'a' * 30_000} /\n", ignore="a*" * 15_000 + "c\n"),
    "ignore patterns and sources": lambda: Input(
        many(lambda n: f"COPY dir{n}/a /x\n", size=50_000), ignore=many(lambda n: f"**/file{n}*\n", before="", size=50_000)
    ),
    "plain ignore patterns and sources": lambda: Input(
        many(lambda n: f"COPY dir{n}/a /x\n", size=50_000), ignore=many(lambda n: f"file{n}\n", before="", size=50_000)
    ),
    "ignore patterns that take back": lambda: Input(
        many(lambda n: f"COPY dir{n}/a /x\n", size=50_000), ignore=many(lambda n: f"dir{n}\n!dir{n}/a\n", before="", size=50_000)
    ),
    "ignore patterns with brackets": lambda: Input(
        f"{FROM}COPY {'a' * 10_000} /\n", ignore=many("[a-z]*[^b]*[c-\n", before="", size=SIZE)
    ),
    **MULTIPLYING,
}


def convert(case: Input) -> str:
    """Convert one input and say what came of it: how many ops, or the error."""
    files = {("dockerfile", "Dockerfile"): case.dockerfile.encode()}
    if case.ignore is not None:
        files["context", ".dockerignore"] = case.ignore.encode()
    configs: dict[str, Any] = {}
    if case.triggers:
        layers = {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}
        configs[BASE] = {"os": "linux", "architecture": "amd64", "rootfs": layers, "config": {"OnBuild": list(case.triggers)}}
    options = {"filename": "Dockerfile", **case.options}
    bridge = offline.OfflineBridge(
        options, read=lambda name, path: files.get((name, path)), images=offline.Images([image_configs.ImageConfigs(configs)])
    )
    try:
        converted = offline.convert(bridge)
    except LlbfrontError as error:
        return f"{type(error).__name__}: {error}"
    return f"{len(converted.definition.digests)} ops, a config of {len(converted.config)} bytes"


def peak_bytes() -> int:
    """Return the peak memory of this program. What `wait4` tells includes the memory of the program that started it."""
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


if __name__ == "__main__":
    gc.set_threshold(GARBAGE_THRESHOLD)  # as the command does
    print(convert(INPUTS[sys.argv[1]]())[:200])
    print(peak_bytes(), file=sys.stderr)
