"""Measures the goals of the design, each beside its peer in the same run."""
