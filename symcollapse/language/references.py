"""Papers that formulas and laws come from, each once.

A formula from a paper is a claim, which a derivation confirms or corrects. One theorem is used without proof, the Dyson
equation of a Gaussian pencil; the verdict on a step that uses it says so.
"""

from symcollapse.language.errors import SymcollapseError

REFERENCES = {
    "dohmatob2024": "Dohmatob, Feng, Kempe 2024",
    "bach2024": "Bach 2024",
    "hachem2007": "Hachem, Loubaton, Najim 2007",
    "vonrosen1988": "von Rosen 1988",
    "cook2011": "Cook, Forzani 2011",
    "erdos2019": "Erdős 2019",
}
"""Short names by key."""

TITLES = {
    "dohmatob2024": "Model Collapse Demystified: The Case of Regression. NeurIPS 2024, arXiv:2402.07712",
    "bach2024": (
        "High-dimensional analysis of double descent for linear regression with random projections. "
        "SIAM Journal on Mathematics of Data Science 6, 2024"
    ),
    "hachem2007": (
        "Deterministic equivalents for certain functionals of large random matrices. "
        "Annals of Applied Probability 17, 2007"
    ),
    "vonrosen1988": "Moments for the inverted Wishart distribution. Scandinavian Journal of Statistics 15, 1988",
    "cook2011": (
        "On the mean and variance of the generalized inverse of a singular Wishart matrix. "
        "Electronic Journal of Statistics 5, 2011"
    ),
    "erdos2019": (
        "The matrix Dyson equation and its applications for random matrices. arXiv:1903.10060, 2019"
    ),
}
"""What and where, by key."""


class UnknownReference(SymcollapseError, KeyError):
    """A key that is not in the list."""


def cite(key: str, where: str = "") -> str:
    """A reference in a line: the short name, and the place in it.

    Raises
    ------
    UnknownReference
        If the key is not in the list.

    Example
    -------
    >>> cite("dohmatob2024", "eq. (19)")
    'Dohmatob, Feng, Kempe 2024, eq. (19)'
    """
    if key not in REFERENCES:
        raise UnknownReference(f"{key}: add it to language/references.py")
    return f"{REFERENCES[key]}, {where}" if where else REFERENCES[key]
