"""Kit for FHIR R4: a store, a server beside the agent, its search, and what changed in it."""
