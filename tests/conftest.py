"""What holds for all tests: an example may take as long as a busy machine makes it take."""

from hypothesis import HealthCheck, settings

settings.register_profile("taskkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("taskkit")
