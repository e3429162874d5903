"""Spectral sums at small κ: expansions with symbols, the orders they leave out, and proven bounds of what that is.

``expand_power_law_sum`` and ``expand_exponential_sum`` give an ``Expansion``; ``remainder_bound`` bounds its error
at numbers, and ``enclose_power_law_sum`` is a certified sum made of one.
"""
