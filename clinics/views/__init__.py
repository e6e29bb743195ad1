"""The few pages of the clinic itself, and the pages that refuse."""
