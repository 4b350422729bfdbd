"""The ear that docs/performance.md speaks of."""

import numpy as np
import pytest

from bench.nmr import RATE, Array, noise_to_mask


def loud(hertz: float) -> Array:
    """Half a second of a tone in the middle of a little noise."""
    time = np.arange(RATE // 2) / RATE
    return 0.3 * np.sin(2 * np.pi * hertz * time)


def test_nothing_is_heard_where_nothing_is_changed() -> None:
    assert noise_to_mask(loud(1000), loud(1000)) < -60


def test_ten_times_the_noise_is_twenty_decibels() -> None:
    noise = np.random.default_rng(1).normal(size=RATE // 2)
    small, large = (noise_to_mask(loud(1000), loud(1000) + level * noise) for level in (1e-3, 1e-2))
    assert large - small == pytest.approx(20, abs=2)


def test_noise_beside_a_loud_tone_is_masked_and_far_from_it_is_not() -> None:
    beside, far = (noise_to_mask(loud(1000), loud(1000) + 0.01 * loud(at)) for at in (1100, 6000))
    assert far > beside + 10
