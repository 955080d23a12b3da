"""The suite's careful run against a live organisation: it answers what only the API itself can."""
