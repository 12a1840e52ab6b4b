"""A scene: what stands, what moves, what light falls on it; and the pictures of one round of its loop."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from cameras.demo.paint.houses import BRICK, Front
from cameras.demo.paint.kit import HEIGHT, WIDTH, Colour, Picture, Sprite, blank, lettering, mix
from cameras.demo.paint.light import Lighting, Look, Rain, wet
from cameras.demo.paint.nature import clouds, mountains, sky
from cameras.demo.paint.stage import Eye, Mover, glow

LAMP: Colour = (255, 196, 110)
HEADLIGHT = glow(300, 150, (255, 240, 200), strength=0.6)


@dataclass(slots=True)
class Scene:
    """Build it from far to near; ``movers`` are drawn over it by distance, ``near`` sprites over them."""

    name: str
    eye: Eye
    look: Look
    rng: np.random.Generator
    canvas: Picture = field(default_factory=lambda: blank(WIDTH, HEIGHT))
    shine: Picture = field(default_factory=lambda: blank(WIDTH, HEIGHT))
    movers: list[Mover] = field(default_factory=list)
    near: list[tuple[Sprite, float, float]] = field(default_factory=list)
    _lamps: list[tuple[float, float, float, float]] = field(default_factory=list)

    # --- what stands ----------------------------------------------------------------------------------------------

    def heavens(self, *, hills: Colour = (92, 124, 110), cloud: Colour = (250, 250, 250), count: int = 6) -> None:
        self.canvas[:] = sky(list(self.look.sky), self.eye.horizon)
        clouds(self.canvas, self.rng, cloud, count, self.eye.horizon)
        mountains(self.canvas, self.rng, hills, self.look.haze, self.eye.horizon)
        far = mix(hills, self.look.haze, 0.5)
        self.eye.ground(self.canvas, [(-2000, 4), (2000, 4), (2000, 600), (-2000, 600)], far)

    def stand(self, sprite: Sprite, x: float, z: float) -> None:
        """Something that gives no light of its own, and hides the lights behind it."""
        self.eye.stand(self.canvas, sprite, x, z)
        if self.look.lamps:
            self.eye.stand(self.shine, Sprite(np.zeros_like(sprite.picture), sprite.alpha), x, z)

    def front(self, front: Front, x: float, z: float) -> None:
        """A building facing the camera, its middle at ``x``."""
        self.eye.stand(self.canvas, front.sprite, x, z, pixels_per_metre=BRICK)
        lit = Sprite(front.shine, front.sprite.alpha)
        self.eye.stand(self.shine, lit, x, z, pixels_per_metre=BRICK)

    def side(self, front: Front, x: float, z0: float, z1: float) -> None:
        """Buildings along the street at ``x``; pass ``z0`` < ``z1`` for a front that reads from near to far."""
        top = front.sprite.size[1] / BRICK
        wall = self.eye.wall(front.sprite, x, z0, z1, top)
        wall.over(self.canvas, 0, 0)
        lit = Sprite(front.shine, front.sprite.alpha)
        Sprite(self.eye.wall(lit, x, z0, z1, top).picture, wall.alpha).over(self.shine, 0, 0)

    def asphalt(self, corners: list[tuple[float, float]], colour: Colour = (96, 98, 102)) -> None:
        """A road with grain that is finer the further away."""
        mask = blank(WIDTH, HEIGHT)
        self.eye.ground(self.canvas, corners, colour)
        self.eye.ground(mask, corners, (255, 255, 255))
        noise = self.rng.normal(0, 5, (HEIGHT, WIDTH)).astype(np.float32)
        noise += cv2.GaussianBlur(self.rng.normal(0, 40, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 9)
        grained = np.clip(self.canvas + noise[..., None], 0, 255).astype(np.uint8)
        inside = mask[..., :1] > 128
        self.canvas[:] = np.where(inside, grained, self.canvas)

    def lamp(self, x: float, z: float, *, arm: float, sprite: Sprite) -> None:
        """A street lamp with its pool of light."""
        self.stand(sprite, x, z)
        head_x, head_y = self.eye.at(x + 96 / 90 * arm, z, 6.4)
        foot_x, foot_y = self.eye.at(x + 96 / 90 * arm, z)
        self._lamps.append((head_x, head_y, foot_x, foot_y))

    # --- the film -------------------------------------------------------------------------------------------------

    def pictures(self, count: int) -> Iterator[Picture]:
        """One round of the loop; the picture after the last is the first."""
        lighting = self._lighting()
        rain = Rain(self.rng) if self.look.rain else None
        if rain is not None:
            wet(self.canvas, self.eye.horizon)
        for number in range(count):
            share = number / count
            picture = self.canvas.copy()
            moving = [(place[1], mover) for mover in self.movers if (place := mover.path(share)) is not None]
            for _, mover in sorted(moving, key=lambda pair: -pair[0]):
                mover.draw(picture, self.eye, share)
            for sprite, x, y in self.near:
                sprite.over(picture, x, y)
            lighting.on(picture)
            if self.look.lamps >= 0.3:
                for mover in self.movers:
                    mover.shine(picture, self.eye, share)
            if rain is not None:
                rain.on(picture, share)
            self._captions(picture, number, count)
            yield picture

    def _lighting(self) -> Lighting:
        lighting = Lighting(self.look, self.shine)
        for head_x, head_y, foot_x, foot_y in self._lamps if self.look.lamps >= 0.5 else ():
            reach = (foot_y - head_y) * 0.62
            lighting.pool(foot_x, foot_y, reach, reach * 0.34, LAMP, top=(head_x, head_y))
            lighting.pool(foot_x, (foot_y + head_y) / 2, reach * 0.9, reach * 0.8, (90, 66, 34))
        lighting.finish()
        return lighting

    def _captions(self, picture: Picture, number: int, count: int) -> None:
        white: Colour = (255, 255, 255)
        lettering(self.name, 32, white, weight=600, outline=2).over(picture, 26, 22)
        counter = lettering(f"{number:04d} / {count:04d}", 22, white, weight=500, outline=2)
        counter.over(picture, WIDTH - 26 - counter.size[0], HEIGHT - 24 - counter.size[1])
