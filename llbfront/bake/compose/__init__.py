"""Compose files as bake definitions: the build sections of services, with `x-bake`.

Source: bake/compose.go of docker/buildx; compose-spec/compose-go.
"""
