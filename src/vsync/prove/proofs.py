"""The proofs, by name: the longest first, so that z3 comes to it with nothing else in mind.

Spec: `spec/PR*.tla`. Paper: none.
"""

from vsync.prove import causal_order, flush, site_views, total_order
from vsync.prove.language import Proof

PROOFS: dict[str, Proof] = {
    proof.name: proof for proof in (flush.PROOF, site_views.PROOF, causal_order.PROOF, total_order.PROOF)
}
