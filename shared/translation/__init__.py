"""Native documents to the canonical model and back, driven by one table."""
