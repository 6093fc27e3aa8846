"""State machines that search for a run which breaks a guarantee, one for each module, and their mutants."""
