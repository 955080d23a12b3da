"""Seeded faults: what the suite must catch, and variants that it must accept."""
