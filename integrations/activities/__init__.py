"""Activities that other programs report: kept, matched with a person, planned (MIX-15, MIX-23)."""
