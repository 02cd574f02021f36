"""How probable a label must be for its reading to count as sure: one constant."""

# `python -m benchmarks.confidence` measures it, with held-out training images, made-up
# photos of them and pictures of no digit: see docs/confidence.txt.
SURE_CONFIDENCE = 0.73
