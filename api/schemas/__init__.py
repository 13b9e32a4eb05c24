"""The JSON that goes in and out, one module a noun. `docs/api.md` shows each in use."""
