"""A FHIR server of the user's own, asked what the references of verified tasks read."""
