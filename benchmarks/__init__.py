"""Measurements of the crawler; run each with ``python -m benchmarks.NAME``."""
