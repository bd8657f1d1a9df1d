"""Convert the stages of a Dockerfile to an LLB graph and an image config, without I/O.

A build plans its stages (`plan`), reports the images and contexts that it must know (`bases.wanted`) and, once they are known,
expands variables (`expand`), which yields facts, and emits vertices (`emit_*`), which yields the graph.

Source: frontend/dockerfile/dockerfile2llb of BuildKit.
"""
