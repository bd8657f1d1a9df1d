"""Build on an engine: `engine` is the public class, `build` runs one build, `request` says what to build.

Source: client/ of BuildKit, build/ and commands/build.go of docker/buildx.
"""
