"""The Dockerfile language: text → frozen instructions grouped in stages, lossless.

Source: frontend/dockerfile of BuildKit.
"""
