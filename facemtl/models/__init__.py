"""Networks: `build_model` builds one, `load_model` reads one."""

from facemtl.models.loading import load_model
from facemtl.models.network import FaceNetwork
from facemtl.settings import ARCHITECTURES

__all__ = ["ARCHITECTURES", "FaceNetwork", "load_model"]
