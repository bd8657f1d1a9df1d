"""The frontend: options and a bridge to an engine enter, a returned result leaves. Start reading at `build`.

Source: frontend/dockerfile/builder and frontend/dockerui of BuildKit.
"""
