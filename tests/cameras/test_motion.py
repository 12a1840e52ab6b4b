"""Whether something moves, on drawn pictures: noise, light, a person, an insect."""

import numpy as np
import pytest

from cameras.motion import ENOUGH, Grey, moved, moving

HIGH, WIDE = 90, 160


def street(*, noise: float = 0.0, seed: int = 0, light: float = 0.0, gain: float = 1.0) -> Grey:
    """A road, a wall and a gate."""
    picture = np.full((HIGH, WIDE), 90.0)
    picture[:35] = 60
    picture[20:60, 100:140] = 150
    picture = picture * gain + light + np.random.default_rng(seed).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def with_block(at: int, *, wide: int, high: int, level: int = 20, noise: float = 4.0, seed: int = 0) -> Grey:
    picture = street(noise=noise, seed=seed)
    picture[70 - high : 70, at : at + wide] = level
    return picture


def person(at: int, seed: int = 0) -> Grey:
    return with_block(at, wide=6, high=15, seed=seed)


def insect(at: int, seed: int = 0) -> Grey:
    return with_block(at, wide=3, high=3, level=240, seed=seed)


@pytest.mark.parametrize("noise", [0, 4, 10])
def test_noise_is_no_movement(noise: float) -> None:
    assert max(moved(street(noise=noise, seed=n), street(noise=noise, seed=n + 50)) for n in range(20)) < ENOUGH / 2


@pytest.mark.parametrize("change", [{"light": 40}, {"light": -50}, {"gain": 1.2}, {"gain": 0.8}])
def test_a_change_of_light_is_no_movement(change: dict[str, float]) -> None:
    assert moved(street(noise=4), street(noise=4, seed=1, **change)) < ENOUGH


def test_a_change_of_most_of_the_picture_is_no_movement() -> None:
    shifted: Grey = np.roll(np.random.default_rng(1).integers(0, 255, (HIGH, WIDE)).astype(np.uint8), 40, axis=1)
    stripes = np.where(np.arange(WIDE) // 20 % 2, 30, 220).astype(np.uint8) * np.ones((HIGH, 1), np.uint8)
    assert moved(stripes, 250 - stripes) == 0.0
    assert moved(shifted, street()[:, ::-1].T[:80].copy()) == 0.0  # another size


def test_a_person_who_walks_moves() -> None:
    assert moved(person(40), person(52, seed=1)) > 2 * ENOUGH
    assert moving([person(40), person(52, seed=1), person(64, seed=2)])


def test_a_person_walks_at_dusk_while_the_light_goes() -> None:
    dusk = [np.clip(person(40 + 12 * n, seed=n).astype(int) - 15 * n, 0, 255).astype(np.uint8) for n in range(3)]
    assert moving(dusk)


def test_an_insect_does_not() -> None:
    assert 0 <= moved(insect(40), insect(60, seed=1)) < ENOUGH
    assert not moving([insect(40), insect(60, seed=1), insect(80, seed=2)])


def test_a_large_picture_is_judged_like_a_small_one() -> None:
    large = [np.kron(person(at, seed=at), np.ones((4, 4), np.uint8)) for at in (40, 52)]
    assert moved(*large) == pytest.approx(moved(person(40, seed=40), person(52, seed=52)), rel=0.3)


def test_a_lamp_that_goes_on_at_the_gate_is_none_and_neither_is_a_flash() -> None:
    dark, lit = street(noise=3), street(noise=3, seed=1)
    lit[10:60, 90:150] = np.clip(lit[10:60, 90:150].astype(int) + 90, 0, 255)
    cut = street(noise=3, seed=2, gain=0.3)  # the power fails
    assert moved(dark, lit) > ENOUGH < moved(dark, cut)
    for pictures in (
        [dark, dark, lit],
        [dark, lit, lit],
        [lit, lit, dark],
        [dark, lit, dark],
        [dark, dark, cut],
        [dark, cut, cut],
    ):
        assert not moving(pictures)


def test_two_pictures_tell_nothing() -> None:
    assert not moving([person(40), person(60)])
    assert not moving([])


def test_something_large_near_the_camera_hides_nothing_of_the_rest() -> None:
    """A third of the picture moves: taking away the mean would make the rest of it change too."""
    left, right = street(), street()
    left[:, 0:50], right[:, 100:150] = 250, 250
    assert moved(left, right) == 0.0  # two thirds of the picture: that is no person
    near = with_block(10, wide=30, high=60)
    assert ENOUGH < moved(near, with_block(60, wide=30, high=60, seed=1)) < 0.4
