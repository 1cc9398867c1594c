"""Mirrors core/ and app/; parity/, e2e/ and benchmarks/ stand beside them."""
