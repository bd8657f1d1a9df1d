"""Dockerfiles of about 100 KB in which one part multiplies another: a large value and many uses, many triggers and many stages.

Many of `INPUTS` end with the error of a limit, the others with a graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.hostile_shapes import FROM, LONG, Input, many, single

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = f"{FROM}ENV a={LONG}\n"
HUGE = FROM + f"ENV a={'b' * 60_000}\n" + "ENV a=$a$a\n" * 6


def large(line: str) -> Callable[[], Input]:
    """A variable of 50 KB and many uses."""
    return lambda: Input(many(line, before=LARGE))


def huge(line: str, *, after: str = "") -> Callable[[], Input]:
    """A variable of nearly 4 MiB and many uses."""
    return lambda: Input(many(line, before=HUGE + after))


def sources(options: str, *, destination: str = "/x/") -> Callable[[], Input]:
    """One COPY with a long option and many sources."""
    return lambda: Input(f"{FROM}COPY {options}\\\n" + single("", lambda n: f" b{n}", f" {destination}", size=45_000))


INPUTS: dict[str, Callable[[], Input]] = {
    "a large variable in many COPYs": large("COPY $a /x\n"),
    "a large variable in many destinations": large("COPY x $a\n"),
    "a large variable in many WORKDIRs": large("WORKDIR $a\n"),
    "a large variable in many addresses": large("ADD https://example.test/$a /x\n"),
    "a large variable in many USERs": large("USER $a\n"),
    "a large variable in many VOLUMEs": lambda: Input(many(lambda n: f"VOLUME {n}$a\n", before=LARGE)),
    "a large variable in many names of RUNs": large("RUN $a\n"),
    "a large variable of ports": lambda: Input(many("EXPOSE $a\n", before=f"{FROM}ENV a='{'1 ' * 25_000}'\n")),
    "a huge variable and many RUNs": huge("RUN x\n"),
    "a huge ARG and many RUNs": huge("RUN x\n", after="ARG c=$a\n"),
    "a huge directory and many RUNs": huge("RUN x\n", after="WORKDIR /$a\n"),
    "a huge variable cut to nothing": huge("USER ${a%%*}\n"),
    "a huge variable cut from the front": huge("USER x${a##*b}\n"),
    "a huge variable replaced by nothing": huge("USER x${a//*/}\n"),
    "a huge variable that is only asked for": huge("USER x${a:+}\n"),
    "a huge variable and a pattern of many question marks": lambda: Input(HUGE + "ENV y=${a//" + "?" * 30_000 + "c/d}\n"),
    "many question marks in many patterns": lambda: Input(
        many("USER u${x//$p/c}\n", before=f"{FROM}ENV p={'?' * 20_000} x={'a' * 30_000}\n")
    ),
    "a long pattern in many words": lambda: Input(many("USER u${x//$p/c}\n", before=f"{FROM}ENV p={'?' * 50_000} x=a\n")),
    "a huge global ARG in many others": lambda: Input(
        many(lambda n: f"ARG b{n}=$a\n", before=f"ARG a={'b' * 60_000}\n" + "ARG a=$a$a\n" * 6, size=98_000) + FROM
    ),
    "stages on each other with a huge LABEL each": lambda: Input(
        many(
            lambda n: f"FROM s{n} AS s{n + 1}\nLABEL l{n}=$a\n",
            before=f"FROM scratch AS s0\nENV a={'b' * 60_000}\n" + "ENV a=$a$a\n" * 6,
        )
    ),
    "stages on each other with an ENV each": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nENV a{n}=b\n", before="FROM scratch AS s0\n")
    ),
    "stages on each other with a VOLUME each": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nVOLUME a{n}\n", before="FROM scratch AS s0\n")
    ),
    "stages on each other below all ports with one more each": lambda: Input(
        many(lambda n: f"FROM s{n} AS s{n + 1}\nEXPOSE {n}/udp\n", before="FROM scratch AS s0\nEXPOSE 0-65535\n")
    ),
    "EXPOSE of all ports again and again": lambda: Input(many("EXPOSE 0-65535\n")),
    "a long directory and many COPYs": lambda: Input(many("COPY a b\n", before=f"{FROM}WORKDIR /{LONG}\n")),
    "a long directory and many WORKDIRs": lambda: Input(many("WORKDIR a\n", before=f"{FROM}WORKDIR /{LONG}\n")),
    "a long directory and many mounts": lambda: Input(
        f"{FROM}WORKDIR /{'a' * 40_000}\n" + single("RUN", lambda n: f" --mount=target=a{n}", " x", size=50_000)
    ),
    "a long SHELL and many RUNs": lambda: Input(many("RUN x\n", before=f'{FROM}SHELL ["{LONG}"]\n')),
    "a long SHELL and many CMDs": lambda: Input(many("CMD x\n", before=f'{FROM}SHELL ["{LONG}"]\n')),
    "a long owner and many sources": sources(f"--chown={'a' * 40_000}"),
    "a long mode and many sources": sources(f"--chmod={'u+r,' * 10_000}u+r"),
    "a long destination and many sources": sources("", destination=f"/{'x' * 20_000}/"),
    "many exceptions and many sources": sources(many(lambda n: f"--exclude=a{n} ", before="", size=45_000)),
    "ONBUILDs of a stage below many": lambda: Input(
        many(
            lambda n: f"FROM a AS s{n}\nCOPY --from=s{n - 1} / /\n",
            before="FROM scratch AS a\n" + "ONBUILD RUN x\n" * 3000 + "FROM a AS s-1\n",
        )
    ),
    "ONBUILDs of an image below many stages": lambda: Input(
        many(lambda n: f"FROM base AS s{n}\nCOPY --from=s{n - 1} / /\n", before="FROM base AS s-1\n", size=50_000),
        triggers=tuple(f"RUN echo {n}" for n in range(3_500)),
    ),
    "a name in the place of all": lambda: Input(many(lambda n: f"ARG a{n}=${{b{n}:-$a{n - 1}}}\n")),
    "an ENV of many names assigned in turn": lambda: Input(
        many(lambda n: f"ENV a{n % 2000}=c\nRUN x\n", before=FROM + single("ENV", lambda n: f" a{n}=b", size=22_000))
    ),
    "scripts": lambda: Input(many("RUN <<E\n#!a\nE\n")),
}
