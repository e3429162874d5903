"""What holds for every draw of the designs, and exactly at finite size."""

from symcollapse.reasoning import PublishedClaim

CLAIMS: tuple[PublishedClaim, ...] = ()
