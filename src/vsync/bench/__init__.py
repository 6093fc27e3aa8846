"""How fast the parts of vsync are, measured side by side.

Spec: none. Paper: none.
"""
