"""The blocking client, derived from `_async` by `scripts/derive_sync.py`; `waits.py` aside."""
