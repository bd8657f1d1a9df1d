"""The packages that llbfront uses if they are installed, and the command that installs one.

llbfront is not on a package index, so that hints name these packages and not the extras of `pyproject.toml`, which a test compares
with this table.
"""

from __future__ import annotations

# What is imported, and the package that has it.
PACKAGES = {
    "backports.zstd": "backports.zstd",
    "bcrypt": "bcrypt",
    "cryptography": "cryptography",
    "nacl": "PyNaCl",
    "networkx": "networkx",
    "re2": "google-re2",
    "yaml": "PyYAML",
}


def install_command(module: str) -> str:
    """Return the command that installs the package of a module.

    Example:
        >>> install_command("yaml")
        'pip install PyYAML'
    """
    return f"pip install {PACKAGES[module]}"
