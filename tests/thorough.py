"""How thorough this run is.

`make soak` sets `DESKBRIDGE_LONG`: stories at their full length, every picture, and new examples of
each property. `make test` has a quarter of an hour for all that it does.
"""

import os

THOROUGH = "DESKBRIDGE_LONG" in os.environ
