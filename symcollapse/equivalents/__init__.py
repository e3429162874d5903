"""Random matrices: what expectations over a Gaussian design become, in κ, degrees of freedom and traces."""

from symcollapse.equivalents.designs import Design as Design
from symcollapse.equivalents.designs import complement as complement
from symcollapse.equivalents.designs import fluctuation as fluctuation
from symcollapse.equivalents.designs import mean as mean
from symcollapse.equivalents.designs import noise_kernel as noise_kernel
from symcollapse.equivalents.deterministic import Equivalent as Equivalent
from symcollapse.equivalents.deterministic import (
    deterministic_equivalent as deterministic_equivalent,
)
from symcollapse.equivalents.dimension_limits import (
    low_dimensional_limit as low_dimensional_limit,
)
from symcollapse.equivalents.limits import ridgeless_limit as ridgeless_limit
from symcollapse.equivalents.moments import MeanMap as MeanMap
from symcollapse.equivalents.moments import Moment as Moment
from symcollapse.equivalents.moments import NoiseMoment as NoiseMoment
from symcollapse.equivalents.moments import SecondMoment as SecondMoment
from symcollapse.equivalents.moments import replace_exactly as replace_exactly
from symcollapse.equivalents.moments import replace_moments as replace_moments
from symcollapse.equivalents.resolvents import RationalFunction as RationalFunction
from symcollapse.equivalents.resolvents import fluctuation_of as fluctuation_of
from symcollapse.equivalents.resolvents import mean_of as mean_of
