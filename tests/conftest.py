"""What holds for all tests: Ctrl-C works in the programs that they start, and builds are not recorded among those of the user.

A shell that runs the tests in the background has them ignore SIGINT, and programs inherit that.
"""

import os
import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("LLBFRONT_RECORD", "0")
