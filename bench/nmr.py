"""The noise-to-mask ratio of a coded sound, after the ear model of PEAQ's basic version.

ITU-R BS.1387-1, FFT-based model, in the form of P. Kabal, "An Examination and Interpretation of
ITU-R BS.1387" (2002), whose names of quantities are used here. Only what "Total NMR" needs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

RATE = 48000  # Hz, the only rate that the standard knows
FRAME, HOP = 2048, 1024  # samples
BAND = 0.25  # Bark
LEVEL = 92.0  # dB SPL of a full-scale sine
_LOW, _HIGH = 80.0, 18000.0  # Hz
_SLOW, _FAST = 0.030, 0.008  # seconds, of the mask's decay at 100 Hz and at high frequencies
_BATCH = 256  # frames at once, for the memory's sake
_COMPRESSION = 0.4  # of powers that are added up across bands
_SILENCE = 1e-12


@dataclass(frozen=True)
class _Bands:
    """The filters: their centres in Hz, and the share of each FFT bin in each of them."""

    centres: Array
    shares: Array

    @classmethod
    def make(cls) -> "_Bands":
        low, high = _bark(_LOW), _bark(_HIGH)
        count = int(np.ceil((high - low) / BAND))
        edges = _hertz(np.minimum(low + BAND * np.arange(count + 1), high))
        middles = _hertz((_bark(edges[:-1]) + _bark(edges[1:])) / 2)
        bins = np.arange(FRAME // 2 + 1) * RATE / FRAME
        half = RATE / FRAME / 2
        below = np.maximum(bins[:, None] - half, edges[None, :-1])
        above = np.minimum(bins[:, None] + half, edges[None, 1:])
        return cls(middles, np.maximum(above - below, 0) / (2 * half))


def noise_to_mask(reference: Array, coded: Array) -> float:
    """Total NMR in dB of one channel at 48 kHz, both from -1 to 1; lower is better.

    Below 0 the noise lies, on the average of all bands and frames, under what the sound masks.
    """
    length = min(len(reference), len(coded))
    bands = _Bands.make()
    spectrum, noisy = _spectrum(reference[:length]), _spectrum(coded[:length])
    noise = _grouped((spectrum - noisy) ** 2, bands)
    mask = _excitation(_grouped(spectrum**2, bands), bands) / _offset(bands)
    return float(10 * np.log10(np.mean(noise / mask)))


def _bark(hertz: npt.ArrayLike) -> Array:
    return 7 * np.arcsinh(np.asarray(hertz) / 650)


def _hertz(bark: Array) -> Array:
    return 650 * np.sinh(bark / 7)


def _spectrum(sound: Array) -> Array:
    """The magnitudes of each frame as they reach the inner ear."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    window = 0.5 * (1 - np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1)))
    gain = 10 ** (LEVEL / 20) / (0.8497 / 4 * (FRAME - 1))  # a sine between two bins: 0.8497
    kilohertz = np.maximum(np.arange(FRAME // 2 + 1) * RATE / FRAME, 1) / 1000
    ear = -2.184 * kilohertz**-0.8 + 6.5 * np.exp(-0.6 * (kilohertz - 3.3) ** 2)
    ear -= 0.001 * kilohertz**3.6
    return np.abs(np.fft.rfft(frames * window)) * gain * 10 ** (ear / 20)


def _grouped(powers: Array, bands: _Bands) -> Array:
    return np.maximum(powers @ bands.shares, _SILENCE)


def _excitation(powers: Array, bands: _Bands) -> Array:
    """The powers, with the ear's own noise, spread over frequency and time."""
    own_noise = 10 ** (0.1456 * (bands.centres / 1000) ** -0.8)
    noisy = powers + own_noise
    batches = [_spread(noisy[at : at + _BATCH], bands) for at in range(0, len(noisy), _BATCH)]
    spread = np.concatenate(batches) / _spread(np.ones((1, len(bands.centres))), bands)
    decay = np.exp(-HOP / RATE / (_FAST + 100 / bands.centres * (_SLOW - _FAST)))
    lasting = np.zeros_like(spread[0])
    for row in spread:
        lasting = decay * lasting + (1 - decay) * row
        np.maximum(row, lasting, out=row)
    return spread


def _spread(powers: Array, bands: _Bands) -> Array:
    """Each band's power leaks into the others: 27 dB/Bark down, a slope of its level up."""
    upward = 24 + 230 / bands.centres - 2 * np.log10(powers)
    bark = BAND * np.arange(len(bands.centres))
    distance = bark[None, :] - bark[:, None]  # from masker to masked band
    up, down = np.maximum(distance, 0), np.maximum(-distance, 0)
    leaked = 10 ** -((upward[:, :, None] * up + 27 * down) / 10)
    leaked *= (powers / leaked.sum(axis=2))[:, :, None]
    mixed: Array = (leaked**_COMPRESSION).sum(axis=1) ** (1 / _COMPRESSION)
    return mixed


def _offset(bands: _Bands) -> Array:
    """How far below the sound its mask lies, as a factor: 3 dB, and more above 12 Bark."""
    bark = BAND * np.arange(len(bands.centres))
    return np.asarray(10 ** (np.where(bark <= 12, 3, 0.25 * bark) / 10))
