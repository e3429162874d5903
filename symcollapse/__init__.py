r"""Derive, verify and evaluate the test error of ridge regression trained on synthetic data.

A problem says which spectrum, which truth, which generators and which fit; its test error follows as a formula in the
effective ridge κ, degrees of freedom and traces. The formula is evaluated to any number of digits, or for whole
arrays of arguments, and set beside a simulation of the problem that knows no formula.

Example
-------
>>> import symcollapse as sc
>>> problem = sc.Problem.from_file("figure-1a", {"generations.0.repeat": "1"})
>>> error = sc.test_error(problem)
>>> error.variance
sigma**2*df_2(kappa(lambda, T))/(T - df_2(kappa(lambda, T)))
>>> print(sc.evaluate(error.total, problem, digits=30))
0.0810300018340791535629107294770
>>> curve = sc.lambdify(error.total, [sc.ridge], problem)
>>> curve([0.1, 0.2]).round(6)
array([0.052853, 0.08103 ])
>>> sc.latex(error.variance).startswith(r"\frac{\sigma^{2}")
True
>>> sc.simulate(problem, trials=20).mean.__round__(2)
0.08
"""

from symcollapse.equivalents import Equivalent as Equivalent
from symcollapse.equivalents import deterministic_equivalent as deterministic_equivalent
from symcollapse.equivalents import low_dimensional_limit as low_dimensional_limit
from symcollapse.equivalents import ridgeless_limit as ridgeless_limit
from symcollapse.equivalents.exact_moments import expectation as expectation
from symcollapse.evaluation import ArbFunction as ArbFunction
from symcollapse.evaluation import Evaluated as Evaluated
from symcollapse.evaluation import arb_code as arb_code
from symcollapse.evaluation import arb_function as arb_function
from symcollapse.evaluation import compressed_spectrum as compressed_spectrum
from symcollapse.evaluation import evaluate as evaluate
from symcollapse.evaluation import lambdify as lambdify
from symcollapse.evolution.state_evolution import StateEvolution as StateEvolution
from symcollapse.evolution.state_evolution import state_evolution as state_evolution
from symcollapse.expansions.expansion import Expansion as Expansion
from symcollapse.expansions.exponential import expand_exponential_sum as expand_exponential_sum
from symcollapse.expansions.power_laws import expand_power_law_sum as expand_power_law_sum
from symcollapse.expansions.remainders import remainder_bound as remainder_bound
from symcollapse.interfaces.audits import audit as audit
from symcollapse.language.effective_ridges import EffectiveRidge as EffectiveRidge
from symcollapse.language.effective_ridges import (
    ResidualDegreesOfFreedom as ResidualDegreesOfFreedom,
)
from symcollapse.language.effective_ridges import SurplusSamples as SurplusSamples
from symcollapse.language.errors import Diverges as Diverges
from symcollapse.language.errors import InexactConstant as InexactConstant
from symcollapse.language.errors import InvalidProblem as InvalidProblem
from symcollapse.language.errors import LossOfDigits as LossOfDigits
from symcollapse.language.errors import NotEvaluable as NotEvaluable
from symcollapse.language.errors import NotSupported as NotSupported
from symcollapse.language.errors import OutOfRegime as OutOfRegime
from symcollapse.language.errors import PrecisionExhausted as PrecisionExhausted
from symcollapse.language.errors import SymcollapseError as SymcollapseError
from symcollapse.language.errors import WorkersFailed as WorkersFailed
from symcollapse.language.pipelines import Inputs as Inputs
from symcollapse.language.pipelines import Labels as Labels
from symcollapse.language.pipelines import Pipeline as Pipeline
from symcollapse.language.pipelines import PipelineFit as PipelineFit
from symcollapse.language.pipelines import Share as Share
from symcollapse.language.pipelines import pipeline_of as pipeline_of
from symcollapse.language.problem_files import bundled_problems as bundled_problems
from symcollapse.language.problem_files import problem_to_toml as problem_to_toml
from symcollapse.language.problems import SIGMA as SIGMA
from symcollapse.language.problems import W0 as W0
from symcollapse.language.problems import Downstream as Downstream
from symcollapse.language.problems import Generation as Generation
from symcollapse.language.problems import Problem as Problem
from symcollapse.language.quantities import DegreesOfFreedom as DegreesOfFreedom
from symcollapse.language.quantities import QuadraticForm as QuadraticForm
from symcollapse.language.quantities import SpectralTrace as SpectralTrace
from symcollapse.language.quantities import quadratic_form as quadratic_form
from symcollapse.language.quantities import spectral_trace as spectral_trace
from symcollapse.language.random_matrices import gaussian_design as gaussian_design
from symcollapse.language.random_matrices import gaussian_projection as gaussian_projection
from symcollapse.language.random_matrices import label_noise as label_noise
from symcollapse.language.random_matrices import pseudo_inverse as pseudo_inverse
from symcollapse.language.spectra import Covariance as Covariance
from symcollapse.language.spectra import ExplicitSpectrum as ExplicitSpectrum
from symcollapse.language.spectra import ExponentialSpectrum as ExponentialSpectrum
from symcollapse.language.spectra import IsotropicSpectrum as IsotropicSpectrum
from symcollapse.language.spectra import LevelsSpectrum as LevelsSpectrum
from symcollapse.language.spectra import PowerLawSpectrum as PowerLawSpectrum
from symcollapse.language.spectra import Spectrum as Spectrum
from symcollapse.language.spectra import covariance as covariance
from symcollapse.language.symbols import capacity as capacity
from symcollapse.language.symbols import count_symbol as count_symbol
from symcollapse.language.symbols import crossover as crossover
from symcollapse.language.symbols import dimension as dimension
from symcollapse.language.symbols import dimension_exponent as dimension_exponent
from symcollapse.language.symbols import effective as effective
from symcollapse.language.symbols import eigenvalue as eigenvalue
from symcollapse.language.symbols import features as features
from symcollapse.language.symbols import generation as generation
from symcollapse.language.symbols import generation_noise as generation_noise
from symcollapse.language.symbols import generation_ridge as generation_ridge
from symcollapse.language.symbols import generation_samples as generation_samples
from symcollapse.language.symbols import generation_samples_exponent as generation_samples_exponent
from symcollapse.language.symbols import generations as generations
from symcollapse.language.symbols import generations_exponent as generations_exponent
from symcollapse.language.symbols import generator_effective as generator_effective
from symcollapse.language.symbols import generator_symbols as generator_symbols
from symcollapse.language.symbols import index as index
from symcollapse.language.symbols import mixing_symbols as mixing_symbols
from symcollapse.language.symbols import noise as noise
from symcollapse.language.symbols import noise_exponent as noise_exponent
from symcollapse.language.symbols import order as order
from symcollapse.language.symbols import power as power
from symcollapse.language.symbols import rate as rate
from symcollapse.language.symbols import real_noise as real_noise
from symcollapse.language.symbols import real_samples as real_samples
from symcollapse.language.symbols import real_weight as real_weight
from symcollapse.language.symbols import ridge as ridge
from symcollapse.language.symbols import ridge_exponent as ridge_exponent
from symcollapse.language.symbols import ridgeless as ridgeless
from symcollapse.language.symbols import samples as samples
from symcollapse.language.symbols import scale as scale
from symcollapse.language.symbols import source as source
from symcollapse.language.symbols import source_decay as source_decay
from symcollapse.language.symbols import squared_norm as squared_norm
from symcollapse.language.symbols import surplus as surplus
from symcollapse.language.targets import ExplicitTarget as ExplicitTarget
from symcollapse.language.targets import LevelsTarget as LevelsTarget
from symcollapse.language.targets import SourceTarget as SourceTarget
from symcollapse.language.targets import Target as Target
from symcollapse.language.targets import Truth as Truth
from symcollapse.language.targets import UniformTarget as UniformTarget
from symcollapse.language.targets import truth as truth
from symcollapse.language.unfolding import unfold as unfold
from symcollapse.optima.certified_optimum import CertifiedOptimum as CertifiedOptimum
from symcollapse.optima.certified_optimum import certified_optimum as certified_optimum
from symcollapse.optima.isotropic_optimum import (
    isotropic_optimal_ridge as isotropic_optimal_ridge,
)
from symcollapse.optima.joint_optimum import JointOptimum as JointOptimum
from symcollapse.optima.joint_optimum import joint_optimum as joint_optimum
from symcollapse.optima.least_squares_mixing import (
    least_squares_schedule as least_squares_schedule,
)
from symcollapse.optima.least_squares_mixing import limiting_weight as limiting_weight
from symcollapse.optima.mixing_schedule import OptimalWeights as OptimalWeights
from symcollapse.optima.mixing_schedule import optimal_real_weights as optimal_real_weights
from symcollapse.optima.mixing_weight import OptimalWeight as OptimalWeight
from symcollapse.optima.mixing_weight import optimal_real_weight as optimal_real_weight
from symcollapse.optima.mixing_weight import weight_in_closed_form as weight_in_closed_form
from symcollapse.optima.optimal_ridge import optimal_crossover as optimal_crossover
from symcollapse.optima.optimal_ridge import optimal_ridge as optimal_ridge
from symcollapse.optima.optimal_ridge import (
    price_of_the_classical_ridge as price_of_the_classical_ridge,
)
from symcollapse.optima.sample_budget import OptimalSamples as OptimalSamples
from symcollapse.optima.sample_budget import optimal_samples as optimal_samples
from symcollapse.reasoning import Checked as Checked
from symcollapse.reasoning import Derivation as Derivation
from symcollapse.reasoning import check as check
from symcollapse.reasoning import derivation_of_equivalent as derivation_of_equivalent
from symcollapse.recursions import GenerationLaw as GenerationLaw
from symcollapse.recursions import StationaryLaw as StationaryLaw
from symcollapse.recursions import solve_generations as solve_generations
from symcollapse.recursions import stationary_law as stationary_law
from symcollapse.scaling.effective_ridge_expansions import (
    effective_ridge_at_large_ridge as effective_ridge_at_large_ridge,
)
from symcollapse.scaling.effective_ridge_expansions import (
    effective_ridge_crossover as effective_ridge_crossover,
)
from symcollapse.scaling.effective_ridge_expansions import (
    ridgeless_effective_ridge as ridgeless_effective_ridge,
)
from symcollapse.scaling.few_samples_expansions import expand_added_bias as expand_added_bias
from symcollapse.scaling.few_samples_expansions import expand_few_samples as expand_few_samples
from symcollapse.scaling.phase_diagram import phase_diagram as phase_diagram
from symcollapse.scaling.rate_of_added_bias import added_bias as added_bias
from symcollapse.scaling.rate_scalings import Scaling as Scaling
from symcollapse.scaling.rates import Rates as Rates
from symcollapse.scaling.rates import error_rates as error_rates
from symcollapse.scaling.test_error_expansions import expand_test_error as expand_test_error
from symcollapse.simulation import RidgePath as RidgePath
from symcollapse.simulation import Simulation as Simulation
from symcollapse.simulation import simulate as simulate
from symcollapse.simulation import simulate_expression as simulate_expression
from symcollapse.simulation import simulate_generations as simulate_generations
from symcollapse.simulation import simulate_ridge_path as simulate_ridge_path
from symcollapse.theory import TestError as TestError
from symcollapse.theory import excess_risk_expression as excess_risk_expression
from symcollapse.theory import test_error as test_error
from symcollapse.typesetting import latex as latex
from symcollapse.typesetting import markdown as markdown
from symcollapse.typesetting import text as text
from symcollapse.verification import Agreement as Agreement
from symcollapse.verification import Campaign as Campaign
from symcollapse.verification import ExpressionVerification as ExpressionVerification
from symcollapse.verification import Verification as Verification
from symcollapse.verification import compare as compare
from symcollapse.verification import compare_at_any_time as compare_at_any_time
from symcollapse.verification import report_campaign as report_campaign
from symcollapse.verification import run_campaign as run_campaign
from symcollapse.verification import verify as verify
from symcollapse.verification import verify_expression as verify_expression

__version__ = "0.1.0"
