"""The demo: an organization with a history, made through the operations."""
