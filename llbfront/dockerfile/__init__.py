"""The Dockerfile language: parse text to instructions grouped in stages, without losing a byte.

Source: frontend/dockerfile of BuildKit.
"""
