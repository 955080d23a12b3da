"""Builds the site, with Sphinx; `docs/conf.py` names `extension`."""
