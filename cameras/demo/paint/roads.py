"""Roads, pavements, crossings and the rows of houses along them."""

import numpy as np

from cameras.demo.paint import houses
from cameras.demo.paint.scene import Scene


def road_across(scene: Scene, z0: float, z1: float, *, kerb: float = 1.6) -> None:
    """A road from side to side between two pavements, a dashed line in its middle."""
    wide = 60.0
    scene.eye.ground(
        scene.canvas, [(-wide, z0 - 6), (wide, z0 - 6), (wide, z1 + kerb * 3), (-wide, z1 + kerb * 3)], (186, 178, 166)
    )
    for z in np.arange(z1, z1 + kerb * 3, 0.8):
        scene.eye.ground(scene.canvas, [(-wide, z), (wide, z), (wide, z + 0.05), (-wide, z + 0.05)], (160, 152, 142))
    for x in np.arange(-40, 40, 0.8):
        scene.eye.ground(
            scene.canvas, [(x, z1), (x + 0.04, z1), (x + 0.04, z1 + kerb * 3), (x, z1 + kerb * 3)], (168, 160, 150)
        )
    scene.asphalt([(-wide, z0), (wide, z0), (wide, z1), (-wide, z1)])
    for z in (z0 - 0.25, z1):
        scene.eye.ground(scene.canvas, [(-wide, z), (wide, z), (wide, z + 0.25), (-wide, z + 0.25)], (214, 210, 202))
    middle = (z0 + z1) / 2
    for x in np.arange(-30, 30, 4.0):
        scene.eye.ground(
            scene.canvas, [(x, middle), (x + 2, middle), (x + 2, middle + 0.14), (x, middle + 0.14)], (236, 232, 214)
        )


def road_along(
    scene: Scene, half: float, path: float, *, near: float = 3.2, far: float = 120.0, dashes: bool = True
) -> None:
    """A road away from the camera, ``half`` metres to each side, with pavements ``path`` metres wide."""
    out = half + path
    scene.eye.ground(
        scene.canvas, [(-out - 30, near), (out + 30, near), (out + 30, far), (-out - 30, far)], (176, 168, 156)
    )
    for side in (-1, 1):
        scene.eye.ground(
            scene.canvas,
            [(side * half, near), (side * out, near), (side * out, far), (side * half, far)],
            (190, 182, 170),
        )
        for z in np.geomspace(near, 40, 46):
            scene.eye.ground(
                scene.canvas,
                [(side * half, z), (side * out, z), (side * out, z * 1.006), (side * half, z * 1.006)],
                (164, 156, 146),
            )
    scene.asphalt([(-half, near), (half, near), (half, far), (-half, far)])
    for side in (-1, 1):
        edge = side * (half + 0.22)
        scene.eye.ground(
            scene.canvas, [(side * half, near), (edge, near), (edge, far), (side * half, far)], (216, 212, 204)
        )
    if dashes:
        for z in np.arange(4, 90, 5.0):
            scene.eye.ground(scene.canvas, [(-0.08, z), (0.08, z), (0.08, z + 2.2), (-0.08, z + 2.2)], (236, 232, 214))


def crossing(scene: Scene, x0: float, x1: float, z0: float, z1: float, *, bars: int) -> None:
    for n in range(bars):
        x = x0 + (x1 - x0) * n / bars
        wide = (x1 - x0) / bars * 0.55
        scene.eye.ground(scene.canvas, [(x, z0), (x + wide, z0), (x + wide, z1), (x, z1)], (232, 230, 222))


def sides(
    scene: Scene, x: float, *, count: int = 12, start: float = 3.0, floors: tuple[int, int] = (2, 4), signs: bool = True
) -> None:
    """Terraces on both sides of a street that leads away."""
    for side in (-1, 1):
        row = houses.terrace(scene.rng, count, floors=floors, signs=signs)
        length = row.sprite.size[0] / houses.BRICK
        if side < 0:
            scene.side(row, side * x, start, start + length)
        else:
            scene.side(row, side * x, start + length, start)
