"""The simulator: the machines under a seeded, deterministic environment with virtual time."""
