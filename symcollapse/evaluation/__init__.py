"""Formula to number: in doubles with error bounds, in any number of digits, or as certified balls."""

from symcollapse.evaluation.arb_code import ArbFunction as ArbFunction
from symcollapse.evaluation.arb_code import arb_code as arb_code
from symcollapse.evaluation.arb_code import arb_function as arb_function
from symcollapse.evaluation.compression import CompressedSpectrum as CompressedSpectrum
from symcollapse.evaluation.compression import compressed_spectrum as compressed_spectrum
from symcollapse.evaluation.numbers import Evaluated as Evaluated
from symcollapse.evaluation.numbers import evaluate as evaluate
from symcollapse.evaluation.numbers import in_numbers as in_numbers
from symcollapse.evaluation.vectorised import lambdify as lambdify
