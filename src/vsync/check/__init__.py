"""The judges: trace reader, streaming property checkers, and TLC."""
