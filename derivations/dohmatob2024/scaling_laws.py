"""Section 5: rates over power laws."""

from symcollapse.reasoning import PublishedClaim

CLAIMS: tuple[PublishedClaim, ...] = ()
