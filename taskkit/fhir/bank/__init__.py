"""The questions of the domain `fhir`: what is asked, its answer, and what has to change."""
