"""Keep drivers' and assets' qualification records in Samsara up to date."""
