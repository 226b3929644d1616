"""Put the checksum of the network into presets exported without one.

    python presets/checksums.py

Only `facemtl.json` inside the files changes, and their size in
`presets/NAME.json` and in the cards: the network's bytes, of which the checksum
is, stay as they are.
"""

import argparse
from dataclasses import replace

from box_convention import put_into, record_size

from facemtl.files.checksums import checksum
from facemtl.inference.runtimes.associated import read_associated
from facemtl.presets import find_pretrained, pretrained_names


def main() -> None:
    """Rewrite the sidecar of every preset."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name in pretrained_names():
        file = find_pretrained(name)
        content = file.read_bytes()
        sidecar, end = read_associated(content, str(file))
        put_into(file, replace(sidecar, checksum=checksum([content[:end]])))
        print(f"{file.name}: {record_size(name):,} bytes")


if __name__ == "__main__":
    main()
