"""From nothing to an engine that can be reached: find one, or install and run a private one.

Enters: an address or nothing. Leaves: an `Endpoint`, with the reason why it won and why the others did not.
The modules in the order of use: `discover` (find one), `install` (build the programs once), `daemon` (start, stop, status,
logs), `doctor` (what is wrong, endpoint by endpoint). Nothing is imported here, so that finding an engine stays cheap.
"""
