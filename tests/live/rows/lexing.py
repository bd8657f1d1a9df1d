"""Rows of lexing and parser directives."""

from tests.live.rows.row import row
from tests.live.rows.seen import Fails, Holds

ROWS = (
    row("P1 P17", "no instruction is an error of its own", "# nothing\n", Fails("file with no instructions")),
    row(
        "P8 P17",
        "an unknown word names a near one",
        "FROM scratch\nCPOY a.txt /\n",
        Fails("unknown instruction: CPOY (did you mean COPY?)", "2"),
    ),
    row("P8", "the case of an instruction does not count", "from scratch\ncOPy a.txt /x\n", Holds("x", "a\n")),
    row("I2", "a step runs", "FROM alpine\nRUN echo hi > /hi\n", Holds("hi", "hi\n", mode=0o644, owner="0:0")),
)
