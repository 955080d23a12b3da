"""Does a server speak this API? Stories, generated requests, and what they need."""
