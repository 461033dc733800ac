"""Domains: one folder each, with a manifest that names its builder."""
