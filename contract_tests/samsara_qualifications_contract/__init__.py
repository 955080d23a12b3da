"""The contract suite: does a server speak this API, and does the client keep its promises?"""

__version__ = "1.0.0"
