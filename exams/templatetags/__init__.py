"""Template tags of the exam's screens."""
