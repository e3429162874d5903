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
    "gerstgrasser2024": "Gerstgrasser et al. 2024",
    "dey2024": "Dey, Donoho 2024",
    "he2025": "He, Xu, Cheng 2025",
    "garg2025": "Garg, Bhattacharya, Sur 2025",
    "strong2024": "Dohmatob, Feng, Subramonian, Kempe 2024",
    "dang2026": "Dang, Patil, Rinaldo 2026",
    "ildiz2024": "Ildiz et al. 2024",
    "medvedev2025": "Medvedev et al. 2025",
    "wu2026": "Wu et al. 2026",
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
    "gerstgrasser2024": (
        "Is model collapse inevitable? Breaking the curse of recursion by accumulating real and synthetic data. "
        "arXiv:2404.01413, 2024"
    ),
    "dey2024": (
        "Universality of the π²/6 pathway in avoiding model collapse. arXiv:2410.22812, 2024"
    ),
    "he2025": "Golden ratio weighting prevents model collapse. arXiv:2502.18049, 2025",
    "garg2025": (
        "Preventing model collapse under overparametrization: optimal mixing ratios for interpolation learning and "
        "ridge regression. arXiv:2509.22341, 2025"
    ),
    "strong2024": "Strong model collapse. ICLR 2025, arXiv:2410.04840, 2024",
    "dang2026": (
        "Optimal unconstrained self-distillation in ridge regression: strict improvements, precise asymptotics, and "
        "one-shot tuning. arXiv:2602.17565, 2026"
    ),
    "ildiz2024": (
        "High-dimensional analysis of knowledge distillation: weak-to-strong generalization and scaling laws. "
        "arXiv:2410.18837, 2024"
    ),
    "medvedev2025": (
        "Weak-to-strong generalization even in random feature networks, provably. arXiv:2503.02877, 2025"
    ),
    "wu2026": (
        "Improved scaling laws via weak-to-strong generalization in random feature ridge regression. "
        "arXiv:2603.05691, 2026"
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
