"""How recorded steps are written down as TLA+, one module for each Trace module that reads them."""
