"""Storyfold: event-driven news ingestion that folds copies, rewrites and reports into canonical stories."""

__version__ = "0.1.0"
