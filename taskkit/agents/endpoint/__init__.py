"""A client of OpenAI-compatible endpoints: paced, patient, and never paid twice for one call."""
