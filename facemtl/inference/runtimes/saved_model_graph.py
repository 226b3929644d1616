"""Checks of a SavedModel's graph before TensorFlow loads it.

A SavedModel is a program: TensorFlow runs any operation in it, some of them
while loading. An export of facemtl only computes with images and numbers, so
any other operation raises an error. The two functions that save and restore
variables are allowed if nothing calls them: `tf.saved_model.load` restores
variables without them.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.network_files import (
    LARGEST,
    check_network_file,
    read_network,
)

GRAPH = "saved_model.pb"
# Operations of exports with any architecture, block and activation, and similar
# ones. Element-wise operations:
NUMBERS = """
Abs Acos Acosh Add AddN AddV2 Asin Asinh Atan Atan2 Atanh BiasAdd Cast Ceil
ClipByValue Cos Cosh DivNoNan Elu Equal Erf Erfc Exp Expm1 Floor FloorDiv
FloorMod Greater GreaterEqual IsFinite IsInf IsNan LeakyRelu Less LessEqual Log
Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Mul MulNoNan Neg NotEqual
OnesLike Pow RealDiv Reciprocal Relu Relu6 Round Rsqrt Select SelectV2 Selu
Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Square SquaredDifference Sub Tan
Tanh Xdivy Xlogy ZerosLike
"""
# Operations on whole tensors.
TENSORS = """
All Any ArgMax ArgMin AvgPool BatchMatMulV2 BroadcastTo ConcatV2 Conv2D Cumsum
DecodeImage DecodeJpeg DepthToSpace DepthwiseConv2dNative Einsum EnsureShape
ExpandDims Fill FusedBatchNormV3 GatherNd GatherV2 L2Loss LogSoftmax MatMul Max
MaxPool Mean Min MirrorPad OneHot Pack Pad PadV2 Prod Range Rank Reshape
ResizeBilinear ResizeNearestNeighbor ReverseV2 Shape Size Slice Softmax
SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice Substr Sum Tile
TopKV2 Transpose Unpack Where
"""
# Structure of the graph.
GRAPHS = """
AssignVariableOp Const DisableCopyOnRead Identity IdentityN If NoOp
PartitionedCall Placeholder ReadVariableOp StatefulPartitionedCall StatelessIf
VarHandleOp VarIsInitializedOp
"""
# Additional operations of the saver's two functions.
SAVERS = """
MergeV2Checkpoints RestoreV2 SaveV2 ShardedFilename StaticRegexFullMatch
StringJoin
"""
ALLOWED = frozenset((NUMBERS + TENSORS + GRAPHS).split())
SAVER = frozenset(SAVERS.split())


def check_graph(folder: Path) -> None:
    """Raise for a SavedModel that does more than compute.

    Args:
        folder: folder of the SavedModel.

    Raises:
        InputError: for an operation that no export has, such as one that reads
            files; a damaged or oversized file, or another type of file; or
            variables that are larger than their files.
    """
    room = sum(check_network_file(file) for file in saved_files(folder))
    graph = _read_graph(folder / GRAPH)
    saver = _saver_functions(graph)
    other = {node.op for node in graph.graph_def.node} - ALLOWED
    for function in graph.graph_def.library.function:
        more = SAVER if function.signature.name in saver else frozenset()
        other |= {node.op for node in function.node_def} - ALLOWED - more
    if other:
        raise _refused(folder, f"the operation {', '.join(sorted(other))}")
    called = set(_called(graph))
    if saver & called:
        raise _refused(folder, f"{min(saver & called)}, which is called")
    _check_room(graph, room, folder)


def saved_files(folder: Path) -> list[Path]:
    """Return the files that `tf.saved_model.load` reads, sorted by name."""
    others = [folder / "fingerprint.pb", *folder.glob("debug/*")]
    variables = sorted((folder / "variables").glob("*"))
    return [folder / GRAPH, *variables, *(x for x in others if x.exists())]


def _read_graph(file: Path) -> Any:
    """Return the only graph of a SavedModel of TensorFlow 2."""
    from google.protobuf.message import (  # type: ignore[import-untyped]
        DecodeError,
    )
    from tensorflow.core.protobuf import saved_model_pb2

    content = read_network(file)
    try:
        graphs = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    except DecodeError as error:
        raise InputError(
            f"{file.parent}: not a whole SavedModel: {error}"
        ) from None
    if len(graphs) != 1 or not graphs[0].object_graph_def.nodes:
        raise _refused(file.parent, "one of TensorFlow 1, or not whole")
    return graphs[0]


def _saver_functions(graph: Any) -> set[str]:
    """Return the functions that save and restore variables."""
    saver = graph.saver_def
    names = {saver.save_tensor_name.split(":")[0], saver.restore_op_name}
    return {
        node.attr["f"].func.name
        for node in graph.graph_def.node
        if node.name in names and "f" in node.attr
    }


def _called(graph: Any) -> Iterator[str]:
    """Yield the functions that TensorFlow or other functions call."""
    yield from graph.object_graph_def.concrete_functions
    for function in graph.graph_def.library.function:
        yield from _functions_in(function.node_def)
    for gradient in graph.graph_def.library.gradient:
        yield from (gradient.function_name, gradient.gradient_func)
    saver = graph.saver_def
    names = {saver.save_tensor_name.split(":")[0], saver.restore_op_name}
    yield from _functions_in(
        node for node in graph.graph_def.node if node.name not in names
    )


def _functions_in(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        for value in node.attr.values():
            yield value.func.name
            yield from (func.name for func in value.list.func)


def _check_room(graph: Any, room: int, folder: Path) -> None:
    """Raise if variables need more memory than the size of their files."""
    asked = 0
    for node in graph.object_graph_def.nodes:
        if node.HasField("variable"):
            sizes = [abs(dim.size) for dim in node.variable.shape.dim]
            asked += math.prod(sizes)
    if asked > min(room, LARGEST):  # A number has at least one byte.
        raise _refused(folder, f"variables of {asked:,} numbers")


def _refused(folder: Path, received: str) -> InputError:
    return InputError(
        f"{folder}: expected a SavedModel of facemtl export, which computes "
        f"and does nothing else. Received: {received}."
    )
