"""Text that others write is read in time linear in its length: twice the text takes at most about twice the time.

Quadratic readers fail here by far: the texts are so long that they would take minutes.
"""

from __future__ import annotations

import gc
import math
import re
import time
from collections.abc import Callable

import pytest

from llbfront.bake.codefresh import conditions, variables
from llbfront.bake.compose import interpolation, short_forms
from llbfront.bake.definition import parse_body
from llbfront.bake.dotenv import parse_dotenv
from llbfront.bake.files import DefinitionFile
from llbfront.client.buildflags import csv
from llbfront.client.control.prune import PruneOptions, choose
from llbfront.client.control.usage import CacheRecord
from llbfront.client.sources import registry
from llbfront.dockerfile import shell_patterns as word_globs
from llbfront.dockerfile.heredocs import find_heredocs
from llbfront.dockerfile.jsonform import parse_array
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile2llb import git_ref
from llbfront.errors import LlbfrontError
from llbfront.fsutil.patterns import Matcher, read_ignore
from llbfront.gostd import filepath, url
from llbfront.gostd.path import clean
from llbfront.hcl.functions import FunctionError
from llbfront.hcl.stdlib import versions
from llbfront.inspection.diagram.labels import wrap
from llbfront.inspection.graph import STEP_NAME
from llbfront.llb import giturl as llb_giturl
from llbfront.oci import digest, platform, reference
from llbfront.progress.timings import _STEP_NAME
from llbfront.session.filesync import unescape_value
from llbfront.source import Source

pytestmark = pytest.mark.slow

SIZE = 20_000
Reader = Callable[[str], object]


def step_name(text: str) -> object:
    return _STEP_NAME.match(text), re.match(STEP_NAME, text)


def ignored(text: str) -> object:
    return Matcher(pattern for _, pattern in read_ignore(text.encode()))


def ignore(pattern: str) -> Reader:
    return Matcher([pattern]).matches


def dockerfile(text: str) -> object:
    return parse(Source("Dockerfile", text.encode()))


def dotenv(text: str) -> object:
    return parse_dotenv(".env", text.encode(), {"KNOWN": "x"})


def hcl(text: str) -> object:
    return parse_body(DefinitionFile("docker-bake.hcl", text.encode()))


def condition(text: str) -> object:
    return conditions.decide({"condition": {"all": {"name": text}}}, {})


def interpolated(text: str) -> object:
    return interpolation.substitute(text, {"A": "x"})


def constraints(text: str) -> object:
    return versions._parse_constraints(text)


def pruned(text: str) -> object:
    """Plan to prune as many records as the text has letters; half of them depend on another one."""
    records = [
        CacheRecord(
            str(number), "regular", 1, 0, number * 7919 % len(text), number % 9, is_mutable=False, is_in_use=False, is_shared=False,
            description="", parents=(str(number // 2),) if number % 2 else (),
        )
        for number in range(len(text))
    ]  # fmt: skip
    return choose(records, {record.id for record in records}, PruneOptions(max_used_bytes=1))


READERS: list[tuple[str, Reader, Callable[[int], str]]] = [
    ("challenge of blanks", registry.parse_challenges, lambda n: "Bearer" + " " * n + "x"),
    ("challenge of commas", registry.parse_challenges, lambda n: "Bearer " + "," * n + "x"),
    ("challenge of letters", registry.parse_challenges, lambda n: "Bearer " + "a" * n),
    ("challenge of quotes", registry.parse_challenges, lambda n: "Bearer " + 'a="' * n),
    ("challenge of schemes", registry.parse_challenges, lambda n: "Bearer a=b, " * n),
    ("step name of slashes", step_name, lambda n: "[" + "/" * n),
    ("step name of arrows", step_name, lambda n: "[a/" + "->" * n),
    ("step name of digits", step_name, lambda n: "[" + "1" * n + "/"),
    ("step name of blanks", step_name, lambda n: "[a" + " " * n),
    ("git address of question marks", git_ref.parse, lambda n: "a@b:" + "?" * n + "\n"),
    ("git address of hashes", git_ref.parse, lambda n: "a@b:?" + "#" * n + "\n"),
    ("git address of letters", git_ref.parse, lambda n: "a" * n),
    ("git address of a graph", llb_giturl.parse, lambda n: "a@b:" + "?" * n + "\n"),
    ("git address of a graph, hashes", llb_giturl.parse, lambda n: "a@b:" + "?#" * n + "\n"),
    ("address", url.parse, lambda n: "http://" + "a" * n + "%"),
    ("image name of letters", reference.parse, lambda n: "a" * n + "!"),
    ("image name of dashes", reference.parse, lambda n: "a" + "-" * n),
    ("image name of dots", reference.parse, lambda n: "a" + ".a" * n + "!"),
    ("image name of slashes", reference.parse, lambda n: "a/" * n + "!"),
    ("image name of capitals", reference.parse, lambda n: "A" * n),
    ("digest", digest.parse, lambda n: "a" * n + ":!"),
    ("digest of dots", digest.parse, lambda n: "a." * n + ":!"),
    ("platform", platform.parse, lambda n: "a/" * n),
    ("platform of parentheses", platform.parse, lambda n: "a" + "(" * n),
    ("JSON of blanks", parse_array, lambda n: "[" + " " * n + "x"),
    ("JSON of quotes", parse_array, lambda n: '["' + '\\"' * n),
    ("JSON of strings", parse_array, lambda n: "[" + '"a",' * n),
    ("JSON of brackets", parse_array, lambda n: "[" + "[1," * n),
    ("words of digits", find_heredocs, lambda n: "RUN " + "0" * n + "<<"),
    ("words of heredoc signs", find_heredocs, lambda n: "RUN " + "<<" * n),
    ("words of quotes", find_heredocs, lambda n: "RUN <<" + '"' * n),
    ("Dockerfile of ONBUILD", dockerfile, lambda n: "FROM a\n" + "ONBUILD " * n),
    ("Dockerfile of blanks", dockerfile, lambda n: "FROM a\nONBUILD" + "\t" * n),
    ("Dockerfile of directives", dockerfile, lambda n: "# a" * n + "\nFROM a\n"),
    ("Dockerfile of flags", dockerfile, lambda n: "FROM a\nCOPY" + " --a" * n + " b c\n"),
    ("Dockerfile of continuations", dockerfile, lambda n: "FROM a\nRUN x" + " \\\n" * n + "y\n"),
    ("Dockerfile of comments", dockerfile, lambda n: "FROM a\nRUN x \\\n" + "# c\n" * n + "y\n"),
    ("shell pattern, shortest prefix", lambda text: word_globs.cut_prefix("*a*a*a*b", text, longest=False), lambda n: "a" * n),
    ("shell pattern, longest prefix", lambda text: word_globs.cut_prefix("*a*a?*a*b", text, longest=True), lambda n: "a" * n),
    ("shell pattern, longest suffix", lambda text: word_globs.cut_suffix("b*a?*a*a*", text, longest=True), lambda n: "a" * n),
    ("shell pattern, search", lambda text: word_globs.find("a*a*a*b", text), lambda n: "a" * n),
    ("shell pattern, replace", lambda text: word_globs.replace_all("a*?b", text, "x", limit=10**9), lambda n: "a" * n),
    ("file pattern", lambda text: filepath.match("*a*a*a*a*b", text), lambda n: "a" * n),
    ("file pattern of stars", lambda text: filepath.match(text, "a" * 255), lambda n: "*a" * n),
    ("file pattern of classes", lambda text: filepath.match(text, "a" * 255), lambda n: "[a-c]" * n),
    ("path of dots", clean, lambda n: "a/../" * n),
    ("path of names", clean, lambda n: "/a" * n),
    ("ignored name with many stars", ignore("*-*-*-*-*-*.map"), lambda n: "a-" * n + "x.js"),
    ("ignored name with directories", ignore("**/a/**/a/**/a*/**/b"), lambda n: "a/" * n + "c"),
    ("ignored name with classes", ignore("[a-z]*[a-z]*[^/]*[[:alpha:]]*-"), lambda n: "a" * n),
    ("ignored name with alternatives", ignore("*|*a*a*a*c?"), lambda n: "b" * n),
    ("ignored name of slashes", ignore("a**/b**/c"), lambda n: "/" * n),
    ("ignore file of lines", ignored, lambda n: "*.a\n" * (n // 10)),
    ("ignore file of different lines", ignored, lambda n: "".join(f"*{number}*x\n" for number in range(n // 10))),
    ("ignore file of stars", ignored, lambda n: "*a" * min(n, 30_000)),
    ("ignore file of names", ignored, lambda n: "".join(f"name{number}\n" for number in range(n))),
    ("ignore file of exceptions", ignored, lambda n: "!a*\n" * (n // 10)),
    ("ignore file of classes", ignored, lambda n: "".join(f"[a-{chr(98 + number % 20)}]*\n" for number in range(n // 10))),
    ("variable of a pipeline, blanks", variables.unknown, lambda n: "${{" + " " * n),
    ("variable of a pipeline, line ends", variables.unknown, lambda n: "${{" + "\n\t" * n),
    ("condition of commas", condition, lambda n: "match(" + "'a'," * n),
    ("condition of blanks", condition, lambda n: "match('a', 'b'," + " " * n),
    ("condition without an operator", condition, lambda n: "a" + " " * n + "x"),
    ("condition of calls", condition, lambda n: "lower(" * n + "'a'" + ")" * n + " == 'a'"),
    ("interpolation of defaults", interpolated, lambda n: "${B:-" * 100 + "${A}" * n + "}" * 100),
    ("interpolation of braces", interpolated, lambda n: "${A:-" + "{" * n + "}" * n + "}"),
    ("interpolation of dollars", interpolated, lambda n: "$" * n + "{"),
    ("volume of variables", short_forms.check_volume, lambda n: "a" + "${" * n),
    ("volume of braces", short_forms.check_volume, lambda n: "a${" + "}:" * n),
    ("variables in an open quote", dotenv, lambda n: 'A="' + "B=1\n" * n),
    ("variables in a closed quote", dotenv, lambda n: 'A="' + '\\"\n' * n + '"\n'),
    ("file of variables", dotenv, lambda n: "".join(f"A{number}=${{A{number - 1}}}\n" for number in range(n // 4))),
    ("argument of blanks", csv.shown, lambda n: " \t" * n),
    ("argument of names", csv.shown, lambda n: "token " * n),
    ("argument of quotes", csv.shown, lambda n: '"' * n),
    ("constraints of blanks", constraints, lambda n: "\t" * n + "x"),
    ("constraints of dashes", constraints, lambda n: "-" * n + " "),
    ("constraints of ranges", constraints, lambda n: "a - " * n),
    ("HCL of indexes", hcl, lambda n: "a = b" + "[0]" * n + "\n"),
    ("HCL of attributes", hcl, lambda n: "a = b" + ".c" * n + "\n"),
    ("label of a long word", wrap, lambda n: "x/" * n),
    ("label of wide letters", wrap, lambda n: "\u4e00" * n),
    ("records to prune", pruned, lambda n: "." * (n // 2)),
    ("escaped metadata", unescape_value, lambda n: "%C3" * n),
]


def cpu_s(read: Reader, text: str) -> float:
    """Return the processor time of reading a text, without the garbage collector, which visits the objects of all tests before."""
    gc.disable()
    start = time.process_time()
    try:
        read(text)
    except (LlbfrontError, FunctionError, ValueError):
        pass
    finally:
        gc.enable()
    return time.process_time() - start


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("read", "write"), [case[1:] for case in READERS], ids=[case[0] for case in READERS])
def test_twice_the_text_takes_at_most_about_twice_the_time(read: Reader, write: Callable[[int], str]) -> None:
    short, long = write(SIZE), write(2 * SIZE)
    first = second = ratio = math.inf
    for _ in range(5):
        first, second = min(first, cpu_s(read, short)), min(second, cpu_s(read, long))
        ratio = (second - 0.02) / max(first, 0.001)
        if ratio < 3:
            return
    pytest.fail(f"time grows by {ratio:.1f}")
