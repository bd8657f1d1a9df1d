"""Find an engine, or install and run a private one.

Modules in the order of use: `discover` (find one), `install` (build the programs once), `daemon` (start, stop, status, logs), `doctor`
(what is wrong, endpoint by endpoint). Nothing is imported here, so that finding an engine stays cheap.
"""
