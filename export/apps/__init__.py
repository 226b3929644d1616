"""What runs an exported network; of these, a wheel has `plan` and `batch`."""
