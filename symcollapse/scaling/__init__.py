"""Power laws: the test error at small κ with its constants, its rates as T → ∞, and their phase diagram."""

from symcollapse.scaling import order_judges as order_judges
from symcollapse.scaling import rate_judges as rate_judges
