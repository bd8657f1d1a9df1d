"""`python -m llbfront` is the command `llbfront`."""

import sys

from llbfront.cli.main import main

sys.exit(main())
