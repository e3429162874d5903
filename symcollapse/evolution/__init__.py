"""The state evolution of a pipeline: the test error of every fit along it, in doubles, without a formula."""

from symcollapse.evolution.state_evolution import StateEvolution as StateEvolution
from symcollapse.evolution.state_evolution import evolve as evolve
from symcollapse.evolution.state_evolution import state_evolution as state_evolution
