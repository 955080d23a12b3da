"""How the spec is kept in step with upstream: compare wire shapes, report, take in what is safe."""
