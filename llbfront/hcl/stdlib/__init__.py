"""The functions that expressions in bake files may call.

Source: bake/hclparser/stdlib.go of docker/buildx.
"""
