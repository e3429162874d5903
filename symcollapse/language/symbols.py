"""Every symbol of the theory, once.

``Symbol("T", positive=True) != Symbol("T")``, silently, so symbols are made here and nowhere else (a test
holds that). Words in Python, the papers' letters in print.
"""

from sympy import Dummy, Symbol

dimension = Symbol("d", positive=True)
"""Number of features."""

samples = Symbol("T", positive=True)
"""Number of samples of the downstream fit."""

ridge = Symbol("lambda", nonnegative=True)
"""Ridge of the downstream fit, in the normalisation (XᵀX/T + λI)⁻¹."""

noise = Symbol("sigma", nonnegative=True)
"""Standard deviation of the downstream label noise."""

generation_samples = Symbol("T_0", positive=True)
"""Number of samples of a generator, where all generators are alike."""

generation_ridge = Symbol("lambda_0", nonnegative=True)
"""Ridge of a generator; 0 is ordinary least squares of minimum norm."""

generation_noise = Symbol("sigma_0", nonnegative=True)
"""Standard deviation of a generator's label noise."""

generations = Symbol("n", nonnegative=True, integer=True)
"""Number of generators between the truth and the downstream fit."""

eigenvalue = Symbol("s", positive=True)
"""Eigenvalue of the covariance: the bound variable of traces and quadratic forms."""

effective = Symbol("kappa", nonnegative=True)
"""A value of the effective ridge."""

index = Symbol("j", positive=True, integer=True)
"""Running index of an eigenvalue, from 1."""

capacity = Symbol("beta", positive=True)
"""Capacity: the exponent of a power-law spectrum."""

source = Symbol("r", positive=True)
"""Source exponent: how fast the target's coefficients decay, in units of the spectrum."""

scale = Symbol("c", positive=True)
"""Scale of a spectrum or of a target."""

rate = Symbol("alpha", positive=True)
"""Rate of an exponential spectrum, per index."""

squared_norm = Symbol("N", positive=True)
"""Squared Euclidean norm of the truth."""

source_decay = Symbol("delta", real=True)
"""Decay δ of the target's squared coefficients, c_j² = j^-δ: δ = 1 + β(2r − 1)."""

power = Symbol("p", real=True)
"""Power of s in a sum s^p/(s + κ)^m."""

order = Symbol("m", positive=True, integer=True)
"""Order of a resolvent: the m of df_m, or of (s + κ)^-m."""

ridge_exponent = Symbol("ell", nonnegative=True)
"""ℓ: the ridge of the downstream fit scales as λ = T^-ℓ."""

generations_exponent = Symbol("a", real=True)
"""a: generations and their noise scale as n·σ₀² = T^a."""

generation_samples_exponent = Symbol("b", positive=True)
"""b: samples of a generator scale as T₀ = T^b."""

dimension_exponent = Symbol("q", nonnegative=True)
"""q: the dimension scales as d = T^q."""

noise_exponent = Symbol("nu", real=True)
"""ν: the downstream label noise scales as σ² = T^-ν."""

shrinkage = Symbol("z", positive=True)
"""Shrinkage z = s/(s + κ) of a fit in a direction of variance s."""

crossover = Symbol("w", positive=True)
"""Crossover variable w ≥ 1 over a power law: κ = κ(0, T)·w^β; 1 is ridgeless, ∞ is λ ≫ T^-β."""

ridgeless = Symbol("kappa_0", positive=True)
"""Effective ridge κ₀ = κ(0, T) of a fit without a ridge, to its leading order."""

generator_effective = Symbol("kappa_g", positive=True)
"""Effective ridge κ_g = κ(0, T₀) of a generator without a ridge, T₀ < d: a floor of the bias."""

surplus = Symbol("t", positive=True)
"""Samples beyond the dimension: T = d + t says that T > d."""


generation = Symbol("i", nonnegative=True, integer=True)
"""Number of a generation in its chain, from 0: the m of a schedule."""

real_weight = Symbol("omega", real=True)
"""Weight ω of real labels among the labels that a fit sees on the same inputs."""

real_samples = Symbol("T_R", positive=True)
"""Number of real samples in the downstream fit."""

real_noise = Symbol("sigma_R", nonnegative=True)
"""Standard deviation of the noise of real labels in the downstream fit."""

features = Symbol("M", positive=True)
"""Width of random features of the downstream fit."""


def generator_symbols(entry: int) -> tuple[Symbol, Symbol, Symbol]:
    """Symbols (samples, noise, ridge) of the entry-th kind of generator, counted from 0.

    Example
    -------
    >>> generator_symbols(2)
    (T_2, sigma_2, lambda_2)
    """
    return (
        Symbol(f"T_{entry}", positive=True),
        Symbol(f"sigma_{entry}", nonnegative=True),
        Symbol(f"lambda_{entry}", nonnegative=True),
    )


def mixing_symbols(entry: int) -> tuple[Symbol, Symbol, Symbol, Symbol]:
    """Symbols (real weight, real samples, real noise, width of random features) of the entry-th kind of generator.

    Example
    -------
    >>> mixing_symbols(0)
    (omega_0, T_R0, sigma_R0, M_0)
    """
    return (
        Symbol(f"omega_{entry}", real=True),
        Symbol(f"T_R{entry}", positive=True),
        Symbol(f"sigma_R{entry}", nonnegative=True),
        Symbol(f"M_{entry}", positive=True),
    )


def count_symbol(entry: int) -> Symbol:
    """Number of repetitions of the entry-th kind of generator.

    Example
    -------
    >>> count_symbol(1)
    n_1
    """
    return Symbol(f"n_{entry}", nonnegative=True, integer=True)


def name_symbol(name: str) -> Symbol:
    """Symbol that only carries a printed name, such as that of a matrix.

    Example
    -------
    >>> name_symbol("Sigma")
    Sigma
    """
    return Symbol(name)


def joint_eigenvalue(name: str) -> Symbol:
    """Eigenvalue of one of several covariances with a common eigenbasis, by the covariance's full name.

    Example
    -------
    >>> joint_eigenvalue("Sigma_1"), joint_eigenvalue("Sigma_1") == joint_eigenvalue("Sigma_2")
    (s_Sigma_1, False)
    """
    return Symbol(f"s_{name}", positive=True)


def nonnegative_symbol(name: str) -> Symbol:
    """Symbol for a named nonnegative number, such as one of several effective ridges.

    Example
    -------
    >>> nonnegative_symbol("kappa_0").is_nonnegative
    True
    """
    return Symbol(name, nonnegative=True)


def real_symbol(name: str) -> Symbol:
    """Symbol for a named real number of either sign, such as a trace of a block of M.

    Example
    -------
    >>> real_symbol("tau_1").is_real, real_symbol("tau_1").is_nonnegative
    (True, None)
    """
    return Symbol(name, real=True)


def fresh_ridge() -> Dummy:
    """Ridge unequal to every other: the variable of a derivative with respect to one factor.

    Example
    -------
    >>> fresh_ridge() == fresh_ridge()
    False
    """
    return Dummy("lambda", positive=True)


def placeholder(name: str) -> Dummy:
    """Positive number that stands for a quantity while a formula is rearranged, unequal to every other.

    Example
    -------
    >>> placeholder("q") == placeholder("q")
    False
    """
    return Dummy(name, positive=True)
