"""Keras layers: twin streams, cross-stitch units and weight regularization."""

from facemtl.layers.abs_tanh import AbsTanh
from facemtl.layers.batch_normalization import BatchNormalization
from facemtl.layers.conv_max_pool import ConvMaxPool
from facemtl.layers.cross_stitch import CrossStitch
from facemtl.layers.mirror import MeanOfMirror, WithMirror
from facemtl.layers.point_sigma import HeatmapSpread, PointSigma
from facemtl.layers.residual import ResidualBlock
from facemtl.layers.soft_argmax import SoftArgmax
from facemtl.layers.twin import Twin
from facemtl.layers.weight_regularization import WeightRegularization

__all__ = [
    "AbsTanh",
    "BatchNormalization",
    "ConvMaxPool",
    "CrossStitch",
    "HeatmapSpread",
    "MeanOfMirror",
    "PointSigma",
    "ResidualBlock",
    "SoftArgmax",
    "Twin",
    "WeightRegularization",
    "WithMirror",
]
