"""`python -m facemtl.data.mtfl --check DIR`."""

import sys

from facemtl.data.mtfl.check import main

if __name__ == "__main__":
    sys.exit(main())
