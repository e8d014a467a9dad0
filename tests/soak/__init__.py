"""Kill and fault runs: traffic in both directions while the product dies again and again.

The oracle is what the workspace holds and what customers see, against what was sent: each message
exactly once, in order for each conversation, none in a foreign thread.
"""
