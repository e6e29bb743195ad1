"""Development commands behind `run.py`; nothing here is needed by a running server."""
