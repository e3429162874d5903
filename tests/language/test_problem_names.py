"""What the names of a formula stand for, where a problem has several spectra or numbers that change."""

import pytest
from sympy import Integer

from symcollapse.language import symbols
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.joint_spectra import JointSpectrum, joint_spectrum
from symcollapse.language.naming import named_parts, substitution
from symcollapse.language.problems import W0, Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum, Spectrum, covariance
from symcollapse.language.targets import SourceTarget, Target, UniformTarget

REAL = PowerLawSpectrum(9, 2)
SYNTHETIC = PowerLawSpectrum(9, "3/2")
SOURCE = SourceTarget("3/8")


def problem_of(own: Spectrum | None, target: Target = SOURCE) -> Problem:
    fit = Downstream(7, real_samples=5, spectrum=own, shift=target)
    return Problem(REAL, target, (), fit)


def test_a_source_belongs_to_the_problems_spectrum() -> None:
    problem = problem_of(SYNTHETIC)
    names = covariance("Sigma", 9), covariance("Sigma_1", 9)
    both = joint_spectrum(names).xreplace(dict(zip(names, (REAL, SYNTHETIC), strict=True)))
    assert isinstance(both, JointSpectrum)
    rule = substitution(problem)
    ((name, _),) = named_parts(problem).targets
    for spelled in (rule[W0], rule[name]):
        assert isinstance(spelled, Target)
        carrier = both.carrier(spelled)
        for j in map(Integer, (1, 2, 7)):
            assert spelled.energy_at(j, carrier) == SOURCE.energy_at(j, REAL)
            assert j == 1 or spelled.energy_at(j, carrier) != SOURCE.energy_at(j, SYNTHETIC)
    # As it is written it could be that of either.
    with pytest.raises(NotEvaluable, match="must be clear whose"):
        both.carrier(SOURCE)


def test_other_targets_stay_as_they_are() -> None:
    assert substitution(problem_of(None))[W0] == SOURCE
    assert substitution(problem_of(SYNTHETIC, UniformTarget(1)))[W0] == UniformTarget(1)


def test_numbers_that_change_make_no_chain_of_plain_fits() -> None:
    m = symbols.generation
    for entry in (Generation(9 + m), Generation(9, noise=m), Generation(9, ridge=1 / (m + 1))):
        assert entry.is_scheduled
        assert not Problem(IsotropicSpectrum(9), UniformTarget(1), (entry,)).replaces
    assert Problem(IsotropicSpectrum(9), UniformTarget(1), (Generation(9, noise=1),)).replaces
