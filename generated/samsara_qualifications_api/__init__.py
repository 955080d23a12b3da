"""A client library for accessing Samsara qualification records"""
