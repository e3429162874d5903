"""Recursions in the number of generations: solved in closed form, with limits, rates and best generations."""

from symcollapse.recursions.long_run import GenerationLaw as GenerationLaw
from symcollapse.recursions.solved import solve_generations as solve_generations
from symcollapse.recursions.stationary import StationaryLaw as StationaryLaw
from symcollapse.recursions.stationary import stationary_law as stationary_law
