"""`python -m llbfront` is the command `llbfront`."""

from llbfront.cli import command

if __name__ == "__main__":
    command()
