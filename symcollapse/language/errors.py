"""What can go wrong, by name. Every message says where, and what to do."""


class SymcollapseError(Exception):
    """Any situation that this package reports to its user, in one line."""


class InvalidProblem(SymcollapseError):
    """A problem, or the file that describes it, breaks the contract; the message names key and remedy."""


class NotSupported(SymcollapseError):
    """The contract allows it, this version cannot do it yet."""


class InexactConstant(SymcollapseError, TypeError):
    """A float where an exact number is asked for."""


class NotEvaluable(SymcollapseError):
    """A formula holds a symbol without a value or a function that the arithmetic does not know."""


class OutOfRegime(SymcollapseError, ValueError):
    """A formula derived for T ≥ d is evaluated at T < d."""


class PrecisionExhausted(SymcollapseError, ArithmeticError):
    """The digits asked for were not reached within the working precision allowed."""


class TooManyBits(PrecisionExhausted):
    """A working precision that a part of the formula does not allow: a higher one will not help."""


class Diverges(SymcollapseError, ArithmeticError):
    """The quantity is infinite or not defined at this point, such as ridgeless regression at T = d."""


class WorkersFailed(SymcollapseError):
    """Processes or machines that share the work fail again and again."""


class LossOfDigits(UserWarning):
    """Doubles lost so many digits that the result may not be trusted to the stated accuracy."""
