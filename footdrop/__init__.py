"""Wires the apps together: settings, addresses and the database."""

from __future__ import annotations

VERSION = "0.1.0"
