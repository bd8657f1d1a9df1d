"""`python -m llbfront` is the command `llbfront`."""

from llbfront.cli.main import command

command()
