"""`python -m llbfront` is the command `llbfront`."""

from llbfront.cli import command

command()
