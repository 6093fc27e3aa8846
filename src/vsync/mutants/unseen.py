"""Mutants that no judge sees, and why, or who sees them instead.

Spec: none.
Paper: none.
"""

from __future__ import annotations

from typing import Final

UNSEEN: Final[dict[str, str]] = {
    "forgets_numbers_in_a_flush": (
        "it takes a crash at a moment that no run has had; TLC finds the same bug in the specification: "
        "MCAbcast_LosesNumbers"
    ),
    "corrects_no_cache": "who believes in an old view is served all the same; the scenario groups/stale_cache sees it",
    "takes_blocks_as_they_come": "no run brings a block twice, for channels keep their order",
    "never_forgets_an_end": "it costs room, and nothing that a run shows; tests/models/test_linked_site.py sees it",
    "hands_out_twice": "no run has suffered from what came twice; tests/models/test_linked_site.py sees it",
}
"""By the name of the mutant the reason, in a sentence."""
