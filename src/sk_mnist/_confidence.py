"""How probable a label must be for its reading to count as sure: one constant."""

# Below it, the other labels together are more probable.
SURE_CONFIDENCE = 0.5
