"""Batch folding: the service's own engine and store, in a fresh database that goes with the run."""
