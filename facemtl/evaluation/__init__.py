"""Evaluation of predictions: scores, tables and pictures."""
