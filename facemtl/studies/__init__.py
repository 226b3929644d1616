"""Studies: variants x seeds, trained, compared and reported."""
