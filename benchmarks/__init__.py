"""What sk-mnist costs, measured beside its peers: ``python -m benchmarks``."""
