"""Convert the stages of a Dockerfile to an LLB graph and an image config, without I/O.

`prepare_dockerfile` reads stages and global arguments, `plan` lists the stages and what they read, `resolve` reports the images and contexts
that must be looked up and completes the plan, `expand` replaces variables and collects facts, and `emit` creates the graph.

Source: frontend/dockerfile/dockerfile2llb of BuildKit.
"""
