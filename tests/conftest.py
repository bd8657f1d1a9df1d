"""What holds for all tests: signals end the programs that they start, and builds are not recorded among those of the user.

A shell that runs the tests in the background, or `nohup`, has them ignore SIGINT or SIGHUP, and programs inherit that.
"""

import os
import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.environ.setdefault("LLBFRONT_RECORD", "0")
