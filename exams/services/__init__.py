"""What changes the clinical record: each act is one transaction with its audit event."""
