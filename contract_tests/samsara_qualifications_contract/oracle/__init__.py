"""What is right: the spec, the reference model, and the judge of raw requests."""
