"""The headings under which the help of a command lists its flags, the same for all commands that have many."""

from __future__ import annotations

INPUT = "input"
ARGUMENTS = "build arguments, secrets and keys"
TARGETS = "targets and variables"
OUTPUT = "output"
CACHE = "cache"
STEPS = "platforms and steps"
QUESTIONS = "questions instead of a build"
CONFIGS = "image configs"
PROGRESS = "progress and records"
ENGINE = "engine"
