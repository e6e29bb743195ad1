"""Proves what the product promises, on both databases and in a real browser."""
