"""`python -m vsync.cli`: the command, where it is not on the path.

Spec: none. Paper: none.
"""

import sys

from vsync.cli import main

if __name__ == "__main__":
    sys.exit(main())
