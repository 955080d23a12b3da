"""The version of this package: `make upstream` raises it, the build reads it."""

__version__ = "0.2.0"
