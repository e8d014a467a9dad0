"""Stories of many minutes told in seconds: product and workspace live on virtual time.

`make soak` tells all of them, and whole (`tests/thorough.py`). In `make test` the rush lasts two
minutes, the silence is the worst of three, and there are some faults of each sort.
"""
