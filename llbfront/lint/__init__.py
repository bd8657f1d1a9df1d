"""Build checks: turn findings of a conversion and facts of the syntax into warnings with BuildKit's words.

Source: frontend/dockerfile/linter of BuildKit.
"""
