"""Stories of many minutes told in seconds: product and workspace live on virtual time.

`make soak` tells all of them, and whole (`LONG`). `make test` has a quarter of an hour for all it
does: the rush lasts two minutes there, the silence is the worst of three, and there are some faults
of each sort.
"""

import os

LONG = "DESKBRIDGE_LONG" in os.environ
