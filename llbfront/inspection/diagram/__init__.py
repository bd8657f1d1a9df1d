"""Diagrams: draw a Graph as SVG and HTML, with the layout, the labels and the times of a run.

`model` says what is shown, `layout` and `routing` where, `svg`, `page` and `timeline` write it.
"""
