"""Named quantities replaced by their definitions."""

from typing import Any

from sympy import Add, Basic, Expr, Integer, Sum, sqrt

from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.joint_spectra import JointSpectrum, level_columns, listed_eigenvalues
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.spectra import (
    Covariance,
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import index
from symcollapse.language.targets import LevelsTarget, Target, UniformTarget


def unfold(formula: Any, *kinds: type[Basic]) -> Expr:
    """Replace named quantities by their definitions, everywhere and until none is left.

    Parameters
    ----------
    formula
        Any expression.
    kinds
        Which quantities to unfold; none given means all. The effective ridge has a closed form for isotropic
        spectra only and stays otherwise; sums over an abstract Σ stay.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import effective
    >>> unfold(DegreesOfFreedom(2, effective, SIGMA))
    tr(Sigma**2/(Sigma + kappa)**2)
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> unfold(DegreesOfFreedom(2, effective, IsotropicSpectrum(300)))
    300/(kappa + 1)**2
    """
    memo: dict[Basic, Expr] = {}

    def walk(node: Basic) -> Any:
        if node in memo:
            return memo[node]
        result: Any = node
        if isinstance(node, Abbreviation):
            inner = walk(node.definition)
            wanted = not kinds or isinstance(node, kinds)
            result = inner if wanted else Abbreviation(node.name, inner)
        elif node.args and not isinstance(node, Spectrum | Target | CoupledSystem):
            arguments = [walk(argument) for argument in node.args]
            if any(new is not old for new, old in zip(arguments, node.args, strict=True)):
                result = node.func(*arguments)
        if isinstance(result, Quantity) and (not kinds or isinstance(result, kinds)):
            definition = definition_of(result)
            if definition != result:
                result = walk(definition)
        memo[node] = result
        return result

    return walk(formula)


def definition_of(quantity: Quantity) -> Expr:
    """Definition of one quantity, one level deep; the quantity itself where it has none.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> definition_of(EffectiveRidge(ridge, samples, SIGMA))
    kappa(lambda, T)
    """
    match quantity:
        case EffectiveRidge():
            return isotropic_effective_ridge(quantity)
        case SpectralTrace():
            return sum_over(quantity.summand, quantity.covariance, None) or quantity
        case QuadraticForm():
            return sum_over(quantity.summand, quantity.covariance, quantity.target) or quantity
        case DegreesOfFreedom() | ResidualDegreesOfFreedom() | GuardedSize():
            return quantity.unfolded()
        case _:
            return quantity


def isotropic_effective_ridge(kappa: EffectiveRidge) -> Expr:
    """Closed form of κ for an isotropic spectrum; κ itself for any other.

    Holds for
        Σ = s·I; the positive root of a quadratic, in the form that a paper prints.
    Reference
        Dohmatob, Feng, Kempe 2024, eqs. (9)-(11); proved in ``derivations/effective_ridge_of_isotropic_data``.

    Example
    -------
    >>> isotropic_effective_ridge(EffectiveRidge(1, 300, IsotropicSpectrum(300)))
    1/2 + sqrt(5)/2
    """
    spectrum = kappa.covariance
    if not isinstance(spectrum, IsotropicSpectrum):
        return kappa
    slack = spectrum.scale * (1 - spectrum.dimension / kappa.samples) - kappa.ridge
    return (sqrt(slack**2 + 4 * spectrum.scale * kappa.ridge) - slack) / 2


def sum_over(summand: Expr, spectrum: Spectrum, target: Target | None) -> Expr | None:
    """Sum of f(s_j), weighted by c_j² if a target is given, written out; None if it is not known well enough.

    Example
    -------
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> sum_over(s**2, PowerLawSpectrum(300, 2), None)
    Sum(j**(-4), (j, 1, 300))
    """
    if any(isinstance(member, Covariance) for member in spectrum.members):
        return None
    if target is not None and target.is_abstract:
        return None
    if isinstance(spectrum, JointSpectrum):
        return _sum_over_joint(summand, spectrum, target)
    if isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum):
        weights = level_weights(spectrum, target)
        if weights is None:
            return None
        values = level_values(spectrum)
        return Add(*(w * summand.xreplace({s: v}) for w, v in zip(weights, values, strict=True)))
    if isinstance(spectrum, ExplicitSpectrum):
        squares = target.listed if target is not None else None
        if target is not None and squares is None:
            assert isinstance(target, UniformTarget)
            squares = (target.squared_norm / spectrum.dimension,) * len(spectrum.eigenvalues)
        ones = (Integer(1),) * len(spectrum.eigenvalues)
        return Add(
            *(
                weight * summand.xreplace({s: value})
                for weight, value in zip(squares or ones, spectrum.eigenvalues, strict=True)
            )
        )
    if target is not None and target.listed is not None:
        return Add(
            *(
                square * summand.xreplace({s: spectrum.eigenvalue_at(Integer(position))})
                for position, square in enumerate(target.listed, start=1)
            )
        )
    at_index = summand.xreplace({s: spectrum.eigenvalue_at(index)})
    weight = Integer(1) if target is None else target.energy_at(index, spectrum)
    return Sum(weight * at_index, (index, 1, spectrum.dimension))


def _sum_over_joint(summand: Expr, joint: JointSpectrum, target: Target | None) -> Expr | None:
    counts = joint.shared_counts()
    listed = None if target is None else target.listed
    if counts is not None:
        weights = joint_level_weights(joint, counts, target)
        columns = level_columns(joint, len(counts))
    elif listed is None and all(
        isinstance(member, IsotropicSpectrum | PowerLawSpectrum | ExponentialSpectrum)
        for member in joint.members
    ):
        at_index = {
            variable: member.eigenvalue_at(index)
            for variable, member in zip(joint.variables, joint.members, strict=True)
        }
        weight = Integer(1) if target is None else target.energy_at(index, joint.carrier(target))
        return Sum(weight * summand.xreplace(at_index), (index, 1, joint.dimension))
    else:
        columns = [listed_eigenvalues(member) for member in joint.members]
        weights = listed or tuple(
            Integer(1) if target is None else target.energy_at(Integer(j), joint.carrier(target))
            for j in range(1, len(columns[0]) + 1)
        )
    rows = [dict(zip(joint.variables, row, strict=True)) for row in zip(*columns, strict=True)]
    return Add(*(w * summand.xreplace(row) for w, row in zip(weights, rows, strict=True)))


def joint_level_weights(
    joint: JointSpectrum, counts: tuple[Expr, ...], target: Target | None
) -> tuple[Expr, ...]:
    """Multiplicity or sum of c_j² of each level that all members of a joint spectrum share.

    Raises
    ------
    NotEvaluable
        If the target does not go with these levels.

    Example
    -------
    >>> from symcollapse.language.joint_spectra import joint_spectrum
    >>> from symcollapse.language.spectra import covariance
    >>> members = [covariance("Sigma_1", 3), covariance("Sigma_2", 3)]
    >>> rule = {members[0]: IsotropicSpectrum(3), members[1]: LevelsSpectrum([4, 9], [1, 2])}
    >>> joint_level_weights(
    ...     joint_spectrum(members).xreplace(rule), (Integer(1), Integer(2)), UniformTarget(6)
    ... )
    (2, 4)
    """
    member = joint.members[0] if target is None else joint.carrier(target)
    if not isinstance(member, LevelsSpectrum):
        # Any spectrum of these levels: only the multiplicities matter.
        member = LevelsSpectrum([1] * len(counts), counts)
    weights = level_weights(member, target)
    if weights is None:
        raise NotEvaluable(
            f"{type(target).__name__} does not go with levels; give coefficients one by one"
        )
    return weights


def level_values(spectrum: IsotropicSpectrum | LevelsSpectrum) -> tuple[Expr, ...]:
    """Distinct eigenvalues.

    Example
    -------
    >>> level_values(LevelsSpectrum([4, 1], [100, 200]))
    (4, 1)
    """
    return (spectrum.scale,) if isinstance(spectrum, IsotropicSpectrum) else spectrum.values


def level_weights(
    spectrum: IsotropicSpectrum | LevelsSpectrum, target: Target | None
) -> tuple[Expr, ...] | None:
    """Multiplicity of each level or, with a target, the sum of c_j² over it; None for a target it lacks.

    Example
    -------
    >>> level_weights(LevelsSpectrum([4, 1], [100, 200]), LevelsTarget([1, 1]))
    (1/4, 1)
    """
    counts = (spectrum.dimension,) if isinstance(spectrum, IsotropicSpectrum) else spectrum.counts
    match target:
        case None:
            return counts
        case UniformTarget():
            return tuple(target.squared_norm * count / spectrum.dimension for count in counts)
        case LevelsTarget():
            values = level_values(spectrum)
            return tuple(e / v for e, v in zip(target.energies, values, strict=True))
        case _ if target.listed is not None:
            sums, start = [], 0
            for count in counts:
                sums.append(Add(*target.listed[start : start + int(count)]))
                start += int(count)
            return tuple(sums)
        case _:
            return None
