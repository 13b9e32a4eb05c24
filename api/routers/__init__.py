"""The paths, one module a noun."""
