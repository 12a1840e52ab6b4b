"""The eight scenes of the demonstration, by the path of their camera."""

from collections.abc import Callable, Sequence

import numpy as np

from cameras.demo.paint import figures, houses, landmarks, nature, roads
from cameras.demo.paint.figures import mirrored
from cameras.demo.paint.kit import Colour
from cameras.demo.paint.light import DUSK, MORNING, NIGHT, NOON, RAIN, Look
from cameras.demo.paint.passers import Cast
from cameras.demo.paint.scene import Scene
from cameras.demo.paint.stage import Eye, Mover, across, still

LEAF: Colour = (82, 138, 66)


def _begin(name: str, look: Look, seed: int, **eye: float) -> tuple[Scene, Cast]:
    rng = np.random.default_rng(seed)
    scene = Scene(name, Eye(**eye), look, rng)
    return scene, Cast(rng, rain=look.rain, lights=look.lamps >= 0.3)


def gate() -> Scene:
    scene, cast = _begin("Cổng chào tổ 7", MORNING, 71, horizon=262, height=4.6)
    scene.heavens()
    roads.road_along(scene, 3.6, 1.9)
    roads.sides(scene, 5.5, count=13)
    for z in (62.0, 46.0, 34.0):
        scene.stand(nature.tree(scene.rng, LEAF), -4.6, z)
        scene.stand(nature.tree(scene.rng, LEAF, blossom=(214, 60, 44)), 4.6, z - 6)
    scene.front(landmarks.gate("TỔ DÂN PHỐ 7", "PHƯỜNG HÀ GIANG · KHU PHỐ VĂN HOÁ"), 0, 21)
    scene.lamp(-4.5, 15, arm=1, sprite=landmarks.lamp_post())
    scene.stand(landmarks.power_pole(scene.rng), 4.7, 13.5)
    scene.stand(landmarks.umbrella_table(), 4.4, 10.5)
    scene.movers = [
        cast.walk_along(-4.3, 40, 7, 0.0, hat=True),
        cast.walk_along(4.3, 8, 44, 0.35),
        cast.walk_along(-4.7, 9, 40, 0.6),
        cast.bike_along(-1.9, 60, 3.4, 0.05),
        cast.bike_along(-1.5, 60, 3.4, 0.5),
        cast.bike_along(-2.3, 70, 3.4, 0.72),
        cast.bike_along(1.6, 3.4, 70, 0.2),
        cast.bike_along(2.2, 3.4, 70, 0.62),
        cast.car_along(1.7, 3.6, 80, 0.84),
        cast.car_along(-1.8, 80, 3.6, 0.28),
        cast.walk(17, 0.1, right=True, pole=True),
    ]
    return scene


def alley() -> Scene:
    scene, cast = _begin("Đầu ngõ 12", DUSK, 12, horizon=236, height=3.6, focal=820.0)
    scene.heavens(hills=(70, 80, 100), cloud=(244, 190, 150))
    roads.road_along(scene, 1.9, 0.5, dashes=False)
    roads.sides(scene, 2.5, count=11, floors=(2, 3), start=2.6)
    for z, x in ((9.0, -2.2), (13.0, 2.15), (19.0, -2.2), (25.0, 2.2)):
        scene.stand(nature.bush(scene.rng, LEAF, blossom=(216, 70, 130)), x, z)
    scene.lamp(-2.2, 11, arm=1, sprite=landmarks.lamp_post())
    scene.lamp(2.2, 24, arm=-1, sprite=landmarks.lamp_post(arm=-1))
    scene.stand(landmarks.power_pole(scene.rng), 2.3, 8.2)
    scene.movers = [
        cast.walk_along(-1.1, 34, 4.5, 0.0),
        cast.walk_along(0.9, 4.6, 34, 0.3, hat=True),
        cast.walk_along(-0.4, 30, 5, 0.62),
        cast.bike_along(-0.6, 40, 3.4, 0.15),
        cast.bike_along(0.7, 3.4, 40, 0.55),
        cast.bike_along(-0.5, 40, 3.4, 0.8),
        Mover(mirrored(figures.dog((196, 150, 90))), across(8.5, to_right=False, begin=0.4, crossings=3), steps=9),
    ]
    return scene


def school() -> Scene:
    scene, cast = _begin("Cổng trường tiểu học", NOON, 33, horizon=214, height=4.4)
    scene.heavens()
    scene.front(
        landmarks.hall(
            "TIÊN HỌC LỄ – HẬU HỌC VĂN", "TRƯỜNG TIỂU HỌC", width_m=26, roof=(178, 82, 62), wall=(248, 226, 150)
        ),
        1,
        38,
    )
    roads.road_across(scene, 9.5, 16.5, kerb=1.4)
    for x in (-15.0, -8.5, 9.5, 16.0):
        scene.stand(nature.tree(scene.rng, (78, 142, 60), tall=560, wide=460, blossom=(222, 56, 40)), x, 22)
    scene.front(landmarks.wall_with_gate(44, "TRƯỜNG TIỂU HỌC HÀ GIANG"), 0, 20.4)
    for x in (-6.2, 6.4):
        scene.stand(nature.bush(scene.rng, LEAF, blossom=(250, 210, 80)), x, 19.6)
    scene.lamp(-10, 18.2, arm=1, sprite=landmarks.lamp_post())
    scene.stand(landmarks.umbrella_table(), 8.2, 18)
    roads.crossing(scene, -2.6, 2.6, 9.7, 16.3, bars=7)
    pupil = mirrored(figures.cyclist((60, 120, 170), (250, 250, 248)))
    scene.movers = [
        Mover(pupil, across(15.2, to_right=False, begin=0.02, crossings=1.7), steps=24),
        Mover(
            figures.cyclist((190, 60, 60), (250, 250, 248)),
            across(11.0, to_right=True, begin=0.4, crossings=1.9),
            steps=26,
        ),
        Mover(pupil, across(15.6, to_right=False, begin=0.12, crossings=1.7), steps=22),
        cast.walk(18.0, 0.0, right=True),
        cast.walk(18.3, 0.3, right=False),
        cast.walk(18.0, 0.55, right=True, hat=True),
        cast.walk(18.4, 0.8, right=False),
        cast.walk(8.8, 0.45, right=True),
        cast.ride(14.6, 0.3, right=False),
        cast.ride(11.6, 0.1, right=True),
        cast.ride(11.0, 0.75, right=True),
        cast.drive(12.0, 0.55, right=True),
        cast.ride(14.9, 0.66, right=False),
    ]
    return scene


def market() -> Scene:
    scene, cast = _begin("Góc chợ phường", MORNING, 44, horizon=206, height=4.6)
    scene.heavens()
    row = houses.terrace(scene.rng, 9, floors=(2, 3))
    scene.front(row, 0, 25)
    roads.road_across(scene, 8.6, 14.2, kerb=3.3)
    scene.stand(landmarks.power_pole(scene.rng), -6.4, 22.5)
    cloths: Sequence[tuple[Colour, Colour]] = (
        ((206, 56, 48), (246, 240, 224)), ((40, 110, 170), (246, 240, 224)), ((240, 176, 50), (214, 84, 40)),
        ((60, 146, 92), (246, 240, 224)), ((170, 70, 140), (246, 232, 236)),
    )  # fmt: skip
    for n, x in enumerate((-12.5, -8.2, -3.6, 1.2, 5.8, 10.6)):
        scene.stand(landmarks.stall(scene.rng, cloths[n % 5]), x, 19.5 - (n % 2) * 1.6)
    scene.stand(nature.tree(scene.rng, LEAF, tall=520, wide=480), 14.5, 19)
    scene.movers = [
        cast.walk(16.4, 0.05, right=True, hat=True),
        cast.walk(16.0, 0.3, right=False, pole=True, hat=True),
        cast.walk(16.8, 0.55, right=True),
        cast.walk(15.6, 0.78, right=False, hat=True),
        cast.walk(16.6, 0.9, right=True),
        cast.walk(15.4, 0.42, right=True),
        cast.walk(7.9, 0.15, right=True, pole=True, hat=True),
        cast.walk(8.1, 0.65, right=False),
        cast.ride(12.9, 0.2, right=False),
        cast.ride(12.6, 0.62, right=False),
        cast.ride(10.2, 0.36, right=True),
        cast.ride(9.9, 0.86, right=True),
        cast.lorry(12.7, 0.72, right=False),
        Mover(cast.walker(hat=True), still(-5.9, 17.0)),
        Mover(mirrored(cast.walker()), still(3.3, 16.9)),
    ]
    return scene


def junction() -> Scene:
    scene, cast = _begin("Ngã ba bưu điện", NOON, 59, horizon=246, height=5.6, focal=860.0)
    scene.heavens()
    roads.road_along(scene, 4.2, 2.2, near=13, far=120)
    roads.sides(scene, 6.4, count=10, start=24.0)
    left = houses.terrace(scene.rng, 4, floors=(3, 4))
    right = houses.terrace(scene.rng, 4, floors=(2, 4))
    for row, side in ((left, -1), (right, 1)):
        width = row.sprite.size[0] / houses.BRICK
        scene.front(row, side * (6.4 + width / 2), 24)
    scene.front(landmarks.hall("BƯU ĐIỆN", "HÀ GIANG", width_m=11, roof=(60, 90, 140), wall=(246, 214, 96)), 13.4, 23.2)
    roads.road_across(scene, 9.0, 19.5, kerb=0.9)
    scene.asphalt([(-4.2, 19.0), (4.2, 19.0), (4.2, 24.5), (-4.2, 24.5)])
    roads.crossing(scene, -4.0, 4.0, 20.0, 22.4, bars=10)
    for x in (-9.5, -16.5):
        scene.stand(nature.tree(scene.rng, LEAF), x, 22)
    scene.lamp(-6.0, 21, arm=1, sprite=landmarks.lamp_post())
    scene.lamp(6.2, 21.5, arm=-1, sprite=landmarks.lamp_post(arm=-1))
    scene.movers = [
        cast.drive(17.2, 0.02, right=False),
        cast.drive(12.0, 0.34, right=True, taxi=True),
        cast.lorry(16.8, 0.52, right=False),
        cast.ride(16.0, 0.22, right=False),
        cast.ride(15.6, 0.3, right=False),
        cast.ride(11.2, 0.12, right=True),
        cast.ride(12.6, 0.68, right=True),
        cast.ride(10.6, 0.8, right=True),
        cast.ride(17.4, 0.86, right=False),
        cast.bike_along(1.8, 20, 90, 0.1),
        cast.bike_along(-1.8, 90, 20, 0.45),
        cast.car_along(-2.0, 100, 20, 0.7),
        cast.walk(21.4, 0.1, right=True),
        cast.walk(20.9, 0.5, right=False, hat=True),
        cast.walk(8.4, 0.7, right=True),
    ]
    return scene


def culture_house() -> Scene:
    scene, cast = _begin("Nhà văn hoá tổ 7", DUSK, 67, horizon=216, height=4.6)
    scene.heavens(hills=(76, 82, 104), cloud=(246, 186, 150))
    for x in (-21.0, -15.5, 15.5, 21.5):
        scene.stand(nature.tree(scene.rng, (72, 120, 66), tall=560, wide=440), x, 31)
    yard = [(-30.0, 15.5), (30.0, 15.5), (30.0, 34.0), (-30.0, 34.0)]
    scene.eye.ground(scene.canvas, yard, (200, 186, 166))
    for x in np.arange(-30, 30, 1.5):
        scene.eye.ground(scene.canvas, [(x, 15.5), (x + 0.05, 15.5), (x + 0.05, 34), (x, 34)], (182, 168, 150))
    scene.front(landmarks.hall("NHÀ VĂN HOÁ TỔ DÂN PHỐ 7", "PHƯỜNG HÀ GIANG", width_m=21), 0, 28)
    roads.road_across(scene, 8.6, 14.0, kerb=0.5)
    for x in (-13.0, -7.4, 7.4, 13.0):
        scene.stand(nature.bush(scene.rng, LEAF, wide=220, blossom=(230, 90, 120)), x, 17)
    scene.stand(nature.banana(scene.rng), -16.0, 22)
    scene.lamp(-9.6, 17.5, arm=1, sprite=landmarks.lamp_post())
    scene.lamp(9.6, 17.5, arm=-1, sprite=landmarks.lamp_post(arm=-1))
    dancers = [
        Mover(
            cast.walker(hat=False),
            still(-4.4 + n * 1.75, 21 + (n % 2) * 1.8),
            steps=10 + n % 2,
        )
        for n in range(6)
    ]
    scene.movers = [
        *dancers,
        cast.walk(15.0, 0.2, right=True),
        cast.walk(15.3, 0.7, right=False),
        cast.ride(12.6, 0.1, right=False),
        cast.ride(9.9, 0.45, right=True),
        cast.ride(12.9, 0.62, right=False),
        cast.drive(10.2, 0.78, right=True),
        Mover(figures.dog((120, 90, 60)), across(15.6, to_right=True, begin=0.5, crossings=2), steps=14),
        cast.walk(8.0, 0.35, right=False, hat=True),
    ]
    return scene


def riverside() -> Scene:
    scene, cast = _begin("Bờ kè sông Lô", RAIN, 82, horizon=232, height=4.8)
    scene.heavens(hills=(78, 102, 96), cloud=(198, 204, 206), count=9)
    eye, canvas = scene.eye, scene.canvas
    eye.ground(canvas, [(-200, 24), (200, 24), (200, 400), (-200, 400)], (116, 136, 124))
    for _ in range(170):
        z = float(scene.rng.uniform(25, 160))
        x, wide = float(scene.rng.uniform(-1, 1)) * z, float(scene.rng.uniform(0.6, 3.5))
        tone: Colour = (150, 168, 158) if scene.rng.random() < 0.6 else (96, 116, 108)
        eye.ground(canvas, [(x, z), (x + wide, z), (x + wide, z + 0.25), (x, z + 0.25)], tone)
    bank = [nature.bush(scene.rng, (88, 122, 84), wide=900, tall=420) for _ in range(5)]
    for z in (150.0, 120.0):
        for n, x in enumerate(np.arange(-z * 0.8, z * 0.8, 9)):
            scene.stand(bank[n % len(bank)], float(x), z)
    roads.road_across(scene, 8.8, 15.0, kerb=2.0)
    for x in np.arange(-26, 26, 1.6):
        base, top = eye.at(float(x), 21.5), eye.at(float(x), 21.5, 1.05)
        landmarks.rail(canvas, base, top)
    landmarks.rail(canvas, eye.at(-40, 21.5, 1.05), eye.at(40, 21.5, 1.05))
    landmarks.rail(canvas, eye.at(-40, 21.5, 0.6), eye.at(40, 21.5, 0.6))
    for x in (-15.0, -5.0, 6.0, 15.5):
        scene.stand(nature.tree(scene.rng, (70, 116, 72), tall=500, wide=380), x, 19.5)
    scene.lamp(0.5, 18.6, arm=1, sprite=landmarks.lamp_post())
    scene.movers = [
        cast.walk(17.2, 0.1, right=True),
        cast.walk(17.6, 0.5, right=False, hat=True),
        cast.walk(17.0, 0.8, right=True),
        cast.ride(13.4, 0.05, right=False),
        cast.ride(13.0, 0.38, right=False),
        cast.ride(10.4, 0.22, right=True),
        cast.ride(10.0, 0.6, right=True),
        cast.ride(13.6, 0.74, right=False),
        cast.drive(10.6, 0.86, right=True),
        cast.lorry(13.2, 0.5, right=False, crossings=2.4),
        cast.walk(8.0, 0.3, right=True, hat=True),
    ]
    return scene


def avenue() -> Scene:
    scene, cast = _begin("Đường Nguyễn Trãi", NIGHT, 91, horizon=240, height=5.2)
    scene.heavens(hills=(60, 70, 92), cloud=(60, 66, 96), count=3)
    roads.road_along(scene, 5.2, 2.4)
    roads.sides(scene, 7.6, count=14, floors=(3, 4))
    for z in (58.0, 42.0, 30.0, 21.0):
        scene.stand(nature.tree(scene.rng, LEAF), -6.3, z)
        scene.stand(nature.tree(scene.rng, LEAF), 6.3, z + 4)
    for z in (46.0, 26.0, 14.0):
        scene.lamp(-5.6, z, arm=1, sprite=landmarks.lamp_post())
        scene.lamp(5.6, z + 5, arm=-1, sprite=landmarks.lamp_post(arm=-1))
    scene.movers = [
        cast.car_along(-2.8, 110, 3.6, 0.0),
        cast.car_along(-3.4, 110, 3.6, 0.55),
        cast.car_along(2.8, 3.6, 110, 0.3),
        cast.bike_along(-1.4, 80, 3.4, 0.15),
        cast.bike_along(-4.2, 80, 3.4, 0.38),
        cast.bike_along(-2.0, 80, 3.4, 0.78),
        cast.bike_along(1.6, 3.4, 80, 0.08),
        cast.bike_along(3.6, 3.4, 80, 0.52),
        cast.bike_along(2.2, 3.4, 80, 0.9),
        cast.walk_along(-6.0, 40, 8, 0.1),
        cast.walk_along(6.1, 9, 40, 0.5),
        cast.walk_along(6.4, 36, 8, 0.75, hat=True),
    ]
    return scene


SCENES: dict[str, Callable[[], Scene]] = {
    "cong-chao": gate, "ngo-12": alley, "truong-hoc": school, "goc-cho": market, "nga-ba": junction,
    "nha-van-hoa": culture_house, "bo-song": riverside, "nguyen-trai": avenue,
}  # fmt: skip
