"""Where the log of a budget stands: memory, an SQLite file, or Redis."""
