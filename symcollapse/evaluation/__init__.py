"""Formula to number: in doubles with error bounds, in any number of digits, or as certified balls."""

from symcollapse.evaluation.numbers import Evaluated as Evaluated
from symcollapse.evaluation.numbers import evaluate as evaluate
from symcollapse.evaluation.numbers import in_numbers as in_numbers
from symcollapse.evaluation.vectorised import lambdify as lambdify
