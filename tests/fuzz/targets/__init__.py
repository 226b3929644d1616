"""A target a file: `SEEDS`, and `one_input`, which raises for a finding only.

| target | what is held against what |
|---|---|
| `archive` | photos in a zip: as listed, within the limit of bytes |
| `boxes` | a CSV of boxes: finite; written and read again, the same |
| `configuration` | a TOML: whole; written and read again, the same |
| `convert` | labels of other formats: the CSV made of them has the same faces |
| `csv` | a CSV of labels: finite; written and read again, the same faces |
| `mp4` | the boxes of a film: its bytes and its frames |
| `onnx` | a `.onnx` up to its interpreter: its weights, as onnx reads them |
| `photo` | a photo's bytes: no more pixels than its header says |
| `server` | a request of the server: its photo and boxes, within its limits |
| `sidecar` | a `facemtl.json`: written and read again, the same |
| `space` | a TOML of a search: KerasTuner and the settings take its ranges |
| `study` | a TOML of variants: each with a whole configuration |
| `tasks` | a TOML of tasks and codes: written and read again, the same |
| `tflite` | a `.tflite` up to its interpreter: its sidecar, its weights |

What cannot be used is refused by an `InputError` of one line; any other
exception is a finding. So is an input that takes over five seconds or two
gigabytes, which libFuzzer tells.
"""
