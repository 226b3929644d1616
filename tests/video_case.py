"""Films made in a test, and the command on them without a network."""

import json
import struct
from pathlib import Path

import cv2
import numpy as np

from facemtl.inference.face import Face
from facemtl.predict.command import parser
from facemtl.predict.video_command import predict_video

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")
BOX = (40.0, 30.0, 100.0, 90.0)


def gray_of(number):
    """How bright a frame is."""
    return min(255, 40 + 16 * number)


def film(file, count=12, rate=25, size=(160, 120), code="mp4v"):
    """A film whose frames are ever brighter, with a disc."""
    writer = cv2.VideoWriter(
        *(str(file), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), rate, size)
    )
    assert writer.isOpened()
    for i in range(count):
        frame = np.full((size[1], size[0], 3), gray_of(i), np.uint8)
        cv2.circle(frame, (30 + 2 * i, 40), 15, (0, 90, 200), -1)
        writer.write(frame)
    writer.release()
    return file


def rebuilt(data, changes):
    """An MP4's boxes with the contents of some changed."""
    out, at = b"", 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + length]
        if kind in CONTAINERS:
            content = rebuilt(content, changes)
        elif kind in changes:
            content = changes[kind](content)
        out += struct.pack(">I4s", 8 + len(content), kind) + content
        at += length
    return out


def change_boxes(file, changes):
    file.write_bytes(rebuilt(file.read_bytes(), changes))
    return file


def set_steps(file, seconds):
    """Give each frame of an MP4 a duration of its own."""
    ticks, listed = 1000, [round(1000 * s) for s in seconds]
    table = b"".join(struct.pack(">II", 1, step) for step in listed)
    total = struct.pack(">I", sum(listed))

    def duration(at):
        return lambda box: box[:at] + total + box[at + 4 :]

    def clock(at):
        scale = struct.pack(">I", ticks)
        return lambda box: box[: at - 4] + scale + total + box[at + 4 :]

    return change_boxes(
        file,
        {
            b"stts": lambda box: struct.pack(">II", 0, len(listed)) + table,
            b"mvhd": clock(16),
            b"mdhd": clock(16),
            b"tkhd": duration(20),
            b"elst": duration(8),
        },
    )


def index_first(file):
    """Move an MP4's `moov` to the front, as for the web."""
    data = file.read_bytes()
    at = data.index(b"moov") - 4
    front = data.index(b"mdat") - 4
    shift = len(data) - at

    def moved(box):
        offsets = struct.unpack(f">{len(box[8:]) // 4}I", box[8:])
        new = [offset + shift for offset in offsets]
        return box[:8] + struct.pack(f">{len(new)}I", *new)

    index = rebuilt(data[at:], {b"stco": moved})
    file.write_bytes(data[:front] + index + data[front:at])
    return file


def cut(file, share):
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    return file


def one_face(frame):
    """Stands for a predictor: a face where `film` draws its circle."""
    return [Face(BOX, {"nose": (70.0, 60.0)})]


def run_video(source, *options, predictor=one_face):
    """The status of `facemtl predict --video`."""
    words = ["--video", str(source), *map(str, options)]
    return predict_video(parser().parse_args(words), predictor)


def json_lines(file):
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


def frames_of(file):
    """[(seconds, pixels)] of a film, as OpenCV reads it."""
    capture = cv2.VideoCapture(str(file))
    frames = []
    while True:
        there, pixels = capture.read()
        if not there:
            return frames
        at = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        frames.append((at, pixels))


def number_of(pixels):
    """Which frame of `film` this is, by its brightness."""
    corner = pixels[-pixels.shape[0] // 10 :, -pixels.shape[1] // 10 :]
    # Each encoder takes away about 3.
    return round((corner.mean() + 5 - 40) / 16)
