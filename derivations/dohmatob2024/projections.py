"""Theorems 4.5 and 4.6: generators with fewer samples than features."""

from symcollapse.reasoning import PublishedClaim

CLAIMS: tuple[PublishedClaim, ...] = ()
