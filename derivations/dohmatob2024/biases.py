"""Theorem 4.3 and what its proof says of the bias on synthetic labels."""

from symcollapse.reasoning import PublishedClaim

CLAIMS: tuple[PublishedClaim, ...] = ()
