"""How hard the state machines search: Hypothesis's profiles.

``quick``, the default, makes the same choices in every run, so that a change that fails is at fault for it
and not the dice; ``thorough`` (``--hypothesis-profile thorough``, or the environment variable
HYPOTHESIS_PROFILE) searches anew each time, and longer.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

settings.register_profile("quick", COMMON, derandomize=True, max_examples=120, stateful_step_count=40)
settings.register_profile("thorough", COMMON, max_examples=3000, stateful_step_count=80)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
