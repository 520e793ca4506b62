"""The plan as a knowledge graph: read, built, checked, stored and queried."""
