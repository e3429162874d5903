"""Derivations as data, and the judges that recompute their steps."""

from symcollapse.reasoning.checking import Checked as Checked
from symcollapse.reasoning.checking import check as check
from symcollapse.reasoning.checking import compare_at_points as compare_at_points
from symcollapse.reasoning.checking import judge as judge
from symcollapse.reasoning.normal_forms import is_identity as is_identity
from symcollapse.reasoning.relations import Relation as Relation
from symcollapse.reasoning.steps import Algebra as Algebra
from symcollapse.reasoning.steps import Derivation as Derivation
from symcollapse.reasoning.steps import Differentiate as Differentiate
from symcollapse.reasoning.steps import Equivalents as Equivalents
from symcollapse.reasoning.steps import ExactMoments as ExactMoments
from symcollapse.reasoning.steps import Justification as Justification
from symcollapse.reasoning.steps import Limit as Limit
from symcollapse.reasoning.steps import Solve as Solve
from symcollapse.reasoning.steps import Step as Step
from symcollapse.reasoning.steps import Substitute as Substitute
from symcollapse.reasoning.steps import Unfold as Unfold
from symcollapse.reasoning.verdicts import Proved as Proved
from symcollapse.reasoning.verdicts import Refuted as Refuted
from symcollapse.reasoning.verdicts import Supported as Supported
from symcollapse.reasoning.verdicts import Undecided as Undecided
from symcollapse.reasoning.verdicts import Verdict as Verdict
from symcollapse.reasoning.verdicts import passed as passed
