"""Rows of variable expansion."""

from tests.live.rows.row import row
from tests.live.rows.seen import Has

ROWS = (row("V5", "the shortest suffix goes", "FROM scratch\nENV A=a.b.c\nENV B=${A%.*}\n", Has("config/Env", "B=a.b")),)
