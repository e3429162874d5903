"""Expansions of spectral sums at small κ, with their remainders."""
