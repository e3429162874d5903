"""Figures of networks on digits, those with a random first layer and those trained altogether, by one name."""

from symcollapse.experiments.random_features_figure import (
    random_features_figure as random_features_figure,
)
from symcollapse.experiments.trained_networks_figure import two_layer_figure as two_layer_figure
