"""Experiments: the figures of the field, measured, with the theory's curves laid over them."""

from symcollapse.experiments.figures import Curve as Curve
from symcollapse.experiments.figures import Figure as Figure
from symcollapse.experiments.figures import Gap as Gap
from symcollapse.experiments.figures import Panel as Panel
from symcollapse.experiments.figures import Scale as Scale
from symcollapse.experiments.figures import gaps as gaps
