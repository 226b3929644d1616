"""Scores of predictions, in numbers, words and pictures."""
