"""The line rules as data: a module a language, a table of kinds in :mod:`.kinds`, the engine in ``line_rules``."""
