"""The version of this package: `make upstream` raises it, the build reads it."""

__version__ = "1.0.0"
