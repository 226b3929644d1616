"""A SavedModel is a program: where it loads, and which ones are refused."""

import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from model_file_case import small_export
from saved_model_case import nothing, write_program
from tensorflow.core.protobuf import saved_model_pb2

from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes import format_of, load_network
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.tasks import SMILE


def refusal(path):
    with pytest.raises(InputError) as error:
        load_network(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def numbers(_):
    return tf.constant(3)


ACTS = {
    "WriteFile": lambda target: lambda _: tf.io.write_file(target, "taken"),
    "ReadFile": lambda target: lambda _: tf.io.read_file(target),
    "MatchingFiles": lambda target: lambda _: tf.io.matching_files(target),
    "PrintV2": lambda target: (
        lambda crops: tf.print(
            tf.shape(crops), output_stream=f"file://{target}"
        )
    ),
    "EagerPyFunc": lambda target: (
        lambda _: tf.py_function(numbers, [0], tf.int32)
    ),
    "PyFunc": lambda target: (
        lambda _: tf.numpy_function(numbers, [0], tf.int32)
    ),
    "SaveV2": lambda target: (
        lambda _: tf.raw_ops.SaveV2(
            prefix=target,
            tensor_names=["x"],
            shape_and_slices=[""],
            tensors=[1.0],
        )
    ),
    "RestoreV2": lambda target: (
        lambda _: tf.raw_ops.RestoreV2(
            prefix=target,
            tensor_names=["x"],
            shape_and_slices=[""],
            dtypes=[tf.float32],
        )[0]
    ),
    "MergeV2Checkpoints": lambda target: (
        lambda _: tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=[target], destination_prefix=target
        )
    ),
    "SummaryWriter": lambda target: (
        lambda _: tf.raw_ops.CreateSummaryFileWriter(
            writer=tf.raw_ops.SummaryWriter(),
            logdir=target,
            max_queue=1,
            flush_millis=1,
            filename_suffix="x",
        )
    ),
    "RpcServer": lambda target: (
        lambda _: tf.raw_ops.Abort(error_msg="stopped", exit_without_error=True)
    ),
}


@pytest.mark.parametrize("kind", ACTS)
def test_operations_beside_numbers_are_refused_before_loading(kind, tmp_path):
    target = tmp_path / "target"
    folder = write_program(tmp_path / "m", ACTS[kind](str(target)))
    said = refusal(folder)
    assert "which computes and does nothing else. Received: the" in said
    assert not target.exists()


@pytest.mark.slow
def test_an_operation_in_a_real_export_is_refused(tmp_path):
    folder = shutil.copytree(small_export() / "saved_model", tmp_path / "m")
    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    node = model.meta_graphs[0].graph_def.library.function[0].node_def.add()
    node.name, node.op = "taken", "WriteFile"
    file.write_bytes(model.SerializeToString())
    sidecar = folder / "assets.extra" / NAME
    content = json.loads(sidecar.read_text())
    content.pop("checksum")
    sidecar.write_text(json.dumps(content))
    assert "Received: the operation WriteFile." in refusal(folder)


def test_what_runs_while_it_loads_is_refused(tmp_path):
    """A table is filled from a file."""
    (tmp_path / "words.txt").write_text("one\ntwo\n")
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            str(tmp_path / "words.txt"),
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        1,
    )
    folder = write_program(tmp_path / "table", table=table)
    assert "HashTableV2, InitializeTableFromTextFileV2" in refusal(folder)


def test_a_nested_function_is_looked_into(tmp_path):
    target = str(tmp_path / "target")

    @tf.function
    def inner():
        tf.io.write_file(target, "taken")
        return tf.constant(1)

    folder = write_program(tmp_path / "m", lambda _: inner())
    assert "WriteFile" in refusal(folder)
    folder = write_program(
        tmp_path / "if",
        lambda crops: tf.cond(
            tf.reduce_sum(crops) > 0, inner, lambda: tf.constant(0)
        ),
    )
    assert "WriteFile" in refusal(folder)


def test_the_savers_functions_are_not_called_by_others(tmp_path):
    folder = write_program(tmp_path / "m")
    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    (graph,) = model.meta_graphs
    functions = graph.graph_def.library.function
    names = [function.signature.name for function in functions]
    (saver,) = [name for name in names if "traced_save" in name]
    caller = next(
        x for x in functions if "signature_wrapper" in x.signature.name
    )
    node = next(x for x in caller.node_def if x.op.endswith("PartitionedCall"))
    node.attr["f"].func.name = saver
    file.write_bytes(model.SerializeToString())
    assert f"{saver}, which is called" in refusal(folder)


def test_numbers_alone_are_loaded(tmp_path):
    network = load_network(write_program(tmp_path / "m"))
    crops = np.zeros((3, 40, 40, 1), np.uint8)
    np.testing.assert_array_equal(network.predict(crops)["smile"], 0.5)


def test_files_that_would_not_end_are_refused(tmp_path):
    folder = write_program(tmp_path / "m")
    index = folder / "variables" / "variables.index"
    index.unlink()
    os.mkfifo(index)
    assert "Expected a file" in refusal(folder)


def test_variables_larger_than_their_files_are_refused(tmp_path):
    folder = write_program(tmp_path / "m")
    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for node in model.meta_graphs[0].object_graph_def.nodes:
        if node.HasField("variable"):
            node.variable.shape.dim[0].size = 10**9
    file.write_bytes(model.SerializeToString())
    assert "variables of 2,000,000,000 numbers" in refusal(folder)


def test_a_graph_of_tensorflow_1_is_refused(tmp_path):
    folder = write_program(tmp_path / "m")
    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    model.meta_graphs[0].ClearField("object_graph_def")
    file.write_bytes(model.SerializeToString())
    assert "one of TensorFlow 1" in refusal(folder)


@pytest.fixture
def export(tmp_path):
    """An export's folder with a SavedModel alone."""
    folder = tmp_path / "exported"
    folder.mkdir()
    write_program(folder / "saved_model", nothing)
    (folder / NAME).write_text(Sidecar((SMILE,), CropSpec()).to_json())
    return folder


def test_an_exports_folder_never_means_its_saved_model(export):
    said = refusal(export)
    assert said.endswith("give its own folder: " + str(export / "saved_model"))
    assert format_of(export / "saved_model") == "saved_model"
    assert load_network(export / "saved_model").tasks == (SMILE,)


def test_a_folder_with_the_ending_of_a_file_is_no_saved_model(export):
    for name in ("model.onnx", "m.tflite"):
        shutil.copytree(export / "saved_model", export.parent / name)
        assert "Expected a file" in refusal(export.parent / name)


def test_a_run_folder_with_a_graph_beside_is_a_run_folder(tmp_path):
    folder = write_program(tmp_path / "run")
    (folder / "model.keras").write_bytes(b"")
    assert format_of(folder) == "keras"
