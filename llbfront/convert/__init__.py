"""The Dockerfile's conversion: instructions grouped in stages enter, a graph with its image config and facts leaves. Pure.

A build plans its stages (`plan`), says which images and contexts it must know (`bases.wanted`), and once it knows them
expands variables (`expand`), which yields facts, and emits vertices (`emit_*`), which yields the graph.

Source: frontend/dockerfile/dockerfile2llb of BuildKit.
"""
