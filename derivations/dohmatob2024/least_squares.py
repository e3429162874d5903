"""The opening and section 4.1: least squares throughout."""

from symcollapse.reasoning import PublishedClaim

CLAIMS: tuple[PublishedClaim, ...] = ()
