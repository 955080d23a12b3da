"""The async client: the source from which `_sync` is derived by `scripts/derive_sync.py`."""
