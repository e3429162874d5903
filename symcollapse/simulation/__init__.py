"""Simulation: draws data, runs the pipeline by its definition, returns the excess risk; no more.

It knows pipelines of every kind, and matrix expressions, and no formula: what it says about a formula is evidence.
"""

from symcollapse.simulation.expressions import realise as realise
from symcollapse.simulation.expressions import simulate_expression as simulate_expression
from symcollapse.simulation.instances import Instance as Instance
from symcollapse.simulation.instances import instance_of as instance_of
from symcollapse.simulation.plans import Plan as Plan
from symcollapse.simulation.plans import plan_of as plan_of
from symcollapse.simulation.populations import Population as Population
from symcollapse.simulation.populations import coefficients_of as coefficients_of
from symcollapse.simulation.populations import eigenvalues_of as eigenvalues_of
from symcollapse.simulation.populations import population_of as population_of
from symcollapse.simulation.regression import draw_inputs as draw_inputs
from symcollapse.simulation.regression import draw_labels as draw_labels
from symcollapse.simulation.regression import excess_risk as excess_risk
from symcollapse.simulation.regression import fit as fit
from symcollapse.simulation.ridge_paths import RidgePath as RidgePath
from symcollapse.simulation.ridge_paths import simulate_ridge_path as simulate_ridge_path
from symcollapse.simulation.ridge_solutions import fit_ridges as fit_ridges
from symcollapse.simulation.runs import run_plan as run_plan
from symcollapse.simulation.trials import Simulation as Simulation
from symcollapse.simulation.trials import extend as extend
from symcollapse.simulation.trials import join as join
from symcollapse.simulation.trials import simulate as simulate
from symcollapse.simulation.trials import simulate_generations as simulate_generations
from symcollapse.simulation.workers import worker_pool as worker_pool
