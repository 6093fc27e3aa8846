"""The proofs, by name.

Spec: `spec/PR*.tla`. Paper: none.
"""

from vsync.prove import causal_order, flush, site_views, total_order
from vsync.prove.language import Proof

PROOFS: dict[str, Proof] = {
    proof.name: proof for proof in (site_views.PROOF, flush.PROOF, causal_order.PROOF, total_order.PROOF)
}
