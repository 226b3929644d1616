"""Apps for exported networks; a wheel contains `plan` and `batch`."""
