"""Mutants that no judge sees, and why that is as it should be.

Spec: none.
Paper: none.
"""

from __future__ import annotations

from typing import Final

UNSEEN: Final[dict[str, str]] = {
    "never_forgets_an_end": "it costs room, and nothing that a run shows; tests/models/test_linked_site.py sees it",
    "hands_out_twice": "the protocols above take what comes twice for one; tests/models/test_linked_site.py sees it",
}
"""By the name of the mutant the reason, in a sentence."""
