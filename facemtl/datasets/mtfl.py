"""`python -m facemtl.datasets.mtfl`: the first name of `facemtl.data.mtfl`."""

import sys

from facemtl.data.mtfl.check import main

if __name__ == "__main__":
    sys.exit(main())
