"""Does the client keep its promises? Its calls, against prepared answers."""
