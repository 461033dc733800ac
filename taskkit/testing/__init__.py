"""What authors test their domains, agents and services with."""

from taskkit.testing.contract import check_domain

__all__ = ["check_domain"]
