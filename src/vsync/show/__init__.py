"""Drawing traces as space-time diagrams."""
