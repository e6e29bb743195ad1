"""Prepares a test run: its database, its browser and its counts."""
