"""What holds for all tests: Ctrl-C works in the programs that they start.

A shell that runs the tests in the background has them ignore SIGINT, and programs inherit that.
"""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
