"""Derivations as data, and the judges that recompute their steps."""

from symcollapse.reasoning import asymptotic_judges as asymptotic_judges
from symcollapse.reasoning import bound_judges as bound_judges
from symcollapse.reasoning import engine_judges as engine_judges
from symcollapse.reasoning import moment_judges as moment_judges
from symcollapse.reasoning import optimum_judges as optimum_judges
from symcollapse.reasoning.asymptotic_judges import compare_slopes as compare_slopes
from symcollapse.reasoning.asymptotic_steps import Expand as Expand
from symcollapse.reasoning.asymptotic_steps import Leading as Leading
from symcollapse.reasoning.asymptotic_steps import Optimise as Optimise
from symcollapse.reasoning.asymptotic_steps import Rate as Rate
from symcollapse.reasoning.asymptotic_steps import Towards as Towards
from symcollapse.reasoning.checking import Checked as Checked
from symcollapse.reasoning.checking import check as check
from symcollapse.reasoning.checking import compare_at_points as compare_at_points
from symcollapse.reasoning.checking import judge as judge
from symcollapse.reasoning.dyson_numerics import DysonSolution as DysonSolution
from symcollapse.reasoning.dyson_numerics import solve_dyson as solve_dyson
from symcollapse.reasoning.equivalent_derivations import (
    derivation_of_equivalent as derivation_of_equivalent,
)
from symcollapse.reasoning.matrix_domains import MatrixDomain as MatrixDomain
from symcollapse.reasoning.normal_forms import is_identity as is_identity
from symcollapse.reasoning.pencil_functionals import DysonFunctional as DysonFunctional
from symcollapse.reasoning.pencil_functionals import PencilFunctional as PencilFunctional
from symcollapse.reasoning.relations import Relation as Relation
from symcollapse.reasoning.steps import Algebra as Algebra
from symcollapse.reasoning.steps import Bound as Bound
from symcollapse.reasoning.steps import CloseForm as CloseForm
from symcollapse.reasoning.steps import Derivation as Derivation
from symcollapse.reasoning.steps import Differentiate as Differentiate
from symcollapse.reasoning.steps import DysonAxiom as DysonAxiom
from symcollapse.reasoning.steps import Eliminate as Eliminate
from symcollapse.reasoning.steps import Equivalents as Equivalents
from symcollapse.reasoning.steps import ExactMoments as ExactMoments
from symcollapse.reasoning.steps import Justification as Justification
from symcollapse.reasoning.steps import Limit as Limit
from symcollapse.reasoning.steps import Linearise as Linearise
from symcollapse.reasoning.steps import NoiseAverage as NoiseAverage
from symcollapse.reasoning.steps import Published as Published
from symcollapse.reasoning.steps import Solve as Solve
from symcollapse.reasoning.steps import Step as Step
from symcollapse.reasoning.steps import Substitute as Substitute
from symcollapse.reasoning.steps import Unfold as Unfold
from symcollapse.reasoning.steps import VanishingRidges as VanishingRidges
from symcollapse.reasoning.verdicts import Proved as Proved
from symcollapse.reasoning.verdicts import Refuted as Refuted
from symcollapse.reasoning.verdicts import Supported as Supported
from symcollapse.reasoning.verdicts import Undecided as Undecided
from symcollapse.reasoning.verdicts import Verdict as Verdict
from symcollapse.reasoning.verdicts import passed as passed
