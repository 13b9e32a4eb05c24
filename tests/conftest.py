"""What every test may ask for: see `engines_plugin` for databases and Redis."""

pytest_plugins = ["engines_plugin"]
