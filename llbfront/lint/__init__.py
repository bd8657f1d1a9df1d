"""Build checks: findings of a conversion and facts of the syntax enter, warnings as the reference words them leave.

Source: frontend/dockerfile/linter of BuildKit.
"""
