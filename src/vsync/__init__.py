"""Virtual synchrony: the ISIS toolkit, specified in TLA+ and implemented in Python."""
