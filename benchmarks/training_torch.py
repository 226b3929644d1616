"""The same training in PyTorch: layers, losses, augmentation, average.

Tuned as its users would for a processor: channels-last memory, fused AdamW,
one `lerp` for all averages, and bfloat16 by autocast if asked.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

POINTS, CLASSES = 5, (2, 2, 2, 5)
SWAPPED = [1, 0, 2, 4, 3]
SIZE, WHOLE = 40, 60  # pixels of the network's input and of a cached crop
FORMS = (
    *((1, 16, 5, True), (16, 48, 3, True), (48, 64, 3, True)),
    (64, 64, 2, False),
)
RATE, DECAY, AVERAGE = 0.008, 0.01, 0.998


class Stage(nn.Module):
    """Convolution, pooling, normalization and ReLU."""

    def __init__(self, c: int, filters: int, kernel: int, pool: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c, filters, kernel, bias=False)
        self.norm = nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01)
        self.pool = pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        return F.relu(self.norm(F.max_pool2d(x, 2) if self.pool else x))


class Network(nn.Module):
    """Towers of TCDCN, stitched after each stage if there are two."""

    def __init__(self, towers: int, tasks: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            nn.ModuleList(Stage(*form) for _ in range(towers)) for form in FORMS
        )
        self.stages.append(
            nn.ModuleList(nn.Linear(256, 100) for _ in range(towers))
        )
        start = torch.full((towers, towers), 0.1) + 0.8 * torch.eye(towers)
        channels = (16, 48, 64, 100)
        self.alphas = nn.ParameterList(
            nn.Parameter(start[..., None].repeat(1, 1, c)) for c in channels
        )
        self.points = nn.Linear(100, 2 * POINTS)
        self.classes = nn.ModuleList(
            nn.Linear(100, k) for k in CLASSES[: tasks - 1]
        )

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        streams = [images / 127.5 - 1.0] * len(self.stages[0])
        for i, layers in enumerate(self.stages):
            if i == 4:
                streams = [x.flatten(1) for x in streams]
            streams = [f(x) for f, x in zip(layers, streams, strict=True)]
            if i == 4:
                streams = [F.relu(x) for x in streams]
            if len(streams) > 1 and i != 3:
                streams = _stitched(streams, self.alphas[min(i, 3)])
        points = self.points(streams[0]).reshape(-1, POINTS, 2) + 0.5
        return [points, *(head(streams[-1]) for head in self.classes)]


def _stitched(
    streams: list[torch.Tensor], alpha: torch.Tensor
) -> list[torch.Tensor]:
    if streams[0].ndim == 4:
        alpha = alpha[..., None, None]
    return [
        sum(alpha[i, j] * x for j, x in enumerate(streams))
        for i in range(len(streams))
    ]


def _augmented(
    images: torch.Tensor, points: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mirror, rotate, scale, shift and light, as `[augment]` has it."""
    n = len(images)

    def draw(limit: float, *shape: int) -> torch.Tensor:
        return (torch.rand(n, *shape) * 2 - 1) * limit

    angle, zoom = draw(np.deg2rad(5.0)), torch.exp(draw(np.log1p(0.05)))
    flip = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    rows = [torch.stack([flip * cos, -sin], 1)]
    rows += [torch.stack([flip * sin, cos], 1)]
    matrix, shift = torch.stack(rows, 1), draw(0.03, 2)
    theta = torch.cat([matrix, 2 * shift[..., None]], 2) * (SIZE / WHOLE)
    grid = F.affine_grid(theta, [n, 1, SIZE, SIZE], align_corners=False)
    pixels = F.grid_sample(
        images.float(), grid, padding_mode="border", align_corners=False
    )
    gain, contrast, light = draw(0.15, 3)[..., None, None, None].unbind(1)
    mean = pixels.mean((1, 2, 3), keepdim=True)
    pixels = (mean + (pixels - mean) * (1 + contrast)) * (1 + gain)
    pixels = (pixels + 127.5 * light).clamp(0, 255)
    moved = torch.linalg.solve(
        matrix[:, None], (points - 0.5 - shift[:, None])[..., None]
    )[..., 0]
    mirrored = (flip < 0)[:, None, None]
    return pixels, 0.5 + torch.where(mirrored, moved[:, SWAPPED], moved)


def _loss(
    found: list[torch.Tensor], points: torch.Tensor, labels: list[torch.Tensor]
) -> torch.Tensor:
    """Return smooth L1 of the points plus the attributes' cross-entropies."""
    error = (found[0].float() - points).abs() / 0.01
    loss = torch.where(error < 2, 0.5 * error**2, 2 * (error - 1)).mean()
    for logits, label in zip(found[1:], labels, strict=False):
        loss = loss + F.cross_entropy(logits.float(), label)
    return loss


def _optimizers(network: Network) -> list[torch.optim.Optimizer]:
    """Return AdamW, and SGD at a hundred times its rate for the units."""
    stitched = len(network.stages[0]) > 1
    own = {id(x) for x in network.alphas}
    others = [x for x in network.parameters() if id(x) not in own]
    adam = torch.optim.AdamW(others, RATE, fused=True)
    units = list(network.alphas)
    sgd = [torch.optim.SGD(units, 100 * RATE, fused=True)] if stitched else []
    return [adam, *sgd]


def build(
    towers: int,
    tasks: int,
    images: np.ndarray,
    labels: list[np.ndarray],
    batch: int,
    half: bool = False,
) -> Callable[[], None]:
    """Return a function that trains one epoch.

    Args:
        towers, tasks: of the network.
        images: (N, 60, 60, 1) uint8 crops with a border.
        labels: points (N, 5, 2), then classes (N,) of each attribute.
        batch: faces per step.
        half: whether to use bfloat16 by autocast.
    """
    torch.set_num_threads(1)
    network = Network(towers, tasks).to(memory_format=torch.channels_last)
    optimizers = _optimizers(network)
    weights = [
        x for x in network.state_dict().values() if x.is_floating_point()
    ]
    averages = [x.clone() for x in weights]
    x = torch.from_numpy(images).permute(0, 3, 1, 2)
    y = [torch.from_numpy(label) for label in labels]

    def step(index: torch.Tensor) -> None:
        pixels, points = _augmented(x[index], y[0][index])
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            found = network(pixels)
        for optimizer in optimizers:
            optimizer.zero_grad()
        _loss(found, points, [label[index] for label in y[1:]]).backward()
        for optimizer in optimizers:
            optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, weights, 1 - AVERAGE)

    def epoch() -> None:
        order = torch.randperm(len(x))[: len(x) // batch * batch]
        for index in order.split(batch):
            step(index)

    return epoch
