"""Owns every random number: each is a pure function of a 64-bit key and a counter, by Threefry-2x64-20."""

import hashlib
import math
import unicodedata

import numpy as np

from fundsim.kernels.base.jit import kernel

# All integer constants are np.uint64: an int64 beside a uint64 would turn into float64 and lose bits.
_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_WORD_BITS = np.uint64(64)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_THREE = np.uint64(3)
_FOUR = np.uint64(4)
_FIVE = np.uint64(5)
_R16, _R42, _R12, _R31 = np.uint64(16), np.uint64(42), np.uint64(12), np.uint64(31)
_R32, _R24, _R21 = np.uint64(32), np.uint64(24), np.uint64(21)
_DISCARDED_BITS = np.uint64(12)

LANES = 8  # draws side by side; the processor has room for four or eight

# Second words of key and counter: keys and draws come from blocks that never meet.
_KEY_WORD = np.uint64(int.from_bytes(b"fundsim ", "big"))
_DERIVE_DOMAIN = np.uint64(int.from_bytes(b"derive  ", "big"))
_DRAW_DOMAIN = np.uint64(int.from_bytes(b"uniform ", "big"))


def hash_name(text: str) -> np.uint64:
    """
    Stable 64-bit hash of a name, for stream and entity names in keys.

    BLAKE2b with an 8-byte digest of the name in UTF-8, after Unicode normalisation (NFC), so that a name
    typed on another system is the same name. Unlike `hash`, equal in every process.

    Parameters
    ----------
    text : str
        Any Unicode text.

    Returns
    -------
    numpy.uint64
    """
    return _digest(unicodedata.normalize("NFC", text), b"fundsim name")


def seed_key(seed: int) -> np.uint64:
    """
    The 64-bit key of a run's seed.

    Parameters
    ----------
    seed : int
        Any integer, of any size; different integers have different keys but for a chance of 2**-64.

    Returns
    -------
    numpy.uint64
    """
    return _digest(str(int(seed)), b"fundsim seed")


def _digest(text: str, person: bytes) -> np.uint64:
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8, person=person)
    return np.uint64(int.from_bytes(digest.digest(), "big"))


@kernel(is_inner=True)
def _rotated(word, bits):
    return (word << bits) | (word >> (_WORD_BITS - bits))


@kernel(is_inner=True)
def _four_even_rounds(x0, x1):
    x0 = x0 + x1
    x1 = _rotated(x1, _R16) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R42) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R12) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R31) ^ x0
    return x0, x1


@kernel(is_inner=True)
def _four_odd_rounds(x0, x1):
    x0 = x0 + x1
    x1 = _rotated(x1, _R16) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R32) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R24) ^ x0
    x0 = x0 + x1
    x1 = _rotated(x1, _R21) ^ x0
    return x0, x1


@kernel
def threefry(counter0, counter1, key0, key1):
    """
    Threefry-2x64 with 20 rounds: 128 random bits of a 128-bit counter under a 128-bit key.

    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.3.

    Parameters
    ----------
    counter0, counter1, key0, key1 : uint64

    Returns
    -------
    (uint64, uint64)
    """
    key2 = _PARITY ^ key0 ^ key1
    x0 = counter0 + key0
    x1 = counter1 + key1
    x0, x1 = _four_even_rounds(x0, x1)
    x0, x1 = x0 + key1, x1 + (key2 + _ONE)
    x0, x1 = _four_odd_rounds(x0, x1)
    x0, x1 = x0 + key2, x1 + (key0 + _TWO)
    x0, x1 = _four_even_rounds(x0, x1)
    x0, x1 = x0 + key0, x1 + (key1 + _THREE)
    x0, x1 = _four_odd_rounds(x0, x1)
    x0, x1 = x0 + key1, x1 + (key2 + _FOUR)
    x0, x1 = _four_even_rounds(x0, x1)
    return x0 + key2, x1 + (key0 + _FIVE)


@kernel
def derive(key, word):
    """
    The key of a part of what `key` stands for: a path of a run, a stream of a path, an entity of a stream.

    Parameters
    ----------
    key : uint64
    word : uint64 or non-negative int
        Position or `hash_name` of the part.

    Returns
    -------
    uint64
        First word of Threefry under `key` at counter `word`; no draw under `key` uses that block.
    """
    first, _ = threefry(np.uint64(word), _DERIVE_DOMAIN, np.uint64(key), _KEY_WORD)
    return first


@kernel
def path_key(run_key, path, stream):
    """
    The key of one stream of one path.

    Parameters
    ----------
    run_key : uint64
        `seed_key` of the run.
    path : uint64 or non-negative int
        Number of the path in the whole run, not in its block.
    stream : uint64
        `hash_name` of the stream.

    Returns
    -------
    uint64
    """
    return derive(derive(run_key, path), stream)


@kernel(is_inner=True)
def shared_draws(run_key, path, is_antithetic):
    """
    Where the draws of what all funds of a path share come from: the market, closings and property.

    Antithetic variates: of a pair of paths ``2k`` and ``2k + 1`` the second takes ``1 - u`` wherever the
    first takes
    ``u`` (Hammersley and Morton 1956; Glasserman, *Monte Carlo Methods in Financial Engineering*, 4.2).

    Parameters
    ----------
    run_key : uint64
        `seed_key` of the run.
    path : non-negative int
        Number of the path in the whole run.
    is_antithetic : bool
        Whether paths come in such pairs.

    Returns
    -------
    (uint64, bool)
        Key of the path whose draws are taken, and whether they are mirrored; for `shared_uniform`.
    """
    is_mirrored = is_antithetic and path % 2 == 1
    return derive(run_key, path - 1 if is_mirrored else path), is_mirrored


@kernel(is_inner=True)
def shared_uniform(shared, stream, n):
    """
    Draw number `n` of a stream that all funds of a path share.

    Parameters
    ----------
    shared : (uint64, bool)
        Of `shared_draws`.
    stream : uint64
        `hash_name` of the stream.
    n : uint64 or non-negative int

    Returns
    -------
    float64
        Strictly inside (0, 1).
    """
    key, is_mirrored = shared
    u = uniform(derive(key, stream), n)
    return 1.0 - u if is_mirrored else u


@kernel(is_inner=True)
def _unit(word):
    # 52 bits and a half: strictly inside (0, 1). With 53 bits the half is lost in rounding and the top is
    # 1.0.
    return (np.float64(np.int64(word >> _DISCARDED_BITS)) + 0.5) * 2.0**-52


@kernel
def uniform_pair(key, pair):
    """
    Two uniforms for the price of one: draws ``2 * pair`` and ``2 * pair + 1`` of `uniform`.

    Parameters
    ----------
    key : uint64
    pair : uint64 or non-negative int

    Returns
    -------
    (float64, float64)
        Strictly inside (0, 1), on the midpoints of a grid of 2**52 cells, so that ``1 - u`` is exact.
    """
    first, second = threefry(np.uint64(pair), _DRAW_DOMAIN, np.uint64(key), _KEY_WORD)
    return _unit(first), _unit(second)


@kernel
def uniform(key, n):
    """
    Draw number `n` of a key, uniform on (0, 1).

    Parameters
    ----------
    key : uint64
    n : uint64 or non-negative int

    Returns
    -------
    float64
        Strictly inside (0, 1); element ``n % 2`` of ``uniform_pair(key, n // 2)``.
    """
    draw = np.uint64(n)
    first, second = threefry(draw >> _ONE, _DRAW_DOMAIN, np.uint64(key), _KEY_WORD)
    return _unit(first if draw & _ONE == np.uint64(0) else second)


@kernel(allocates=False, is_inner=True)
def even_uniforms(key, first, out):
    """
    The draws ``2 * first``, ``2 * first + 2`` … of a key, side by side.

    One draw is a chain of some seventy dependent steps; the processor runs through eight chains in the time
    of one, but only in a loop of its own, whose length the compiler does not know.

    Parameters
    ----------
    key : uint64
    first : non-negative int
    out : float64 array
        Filled: entry k is ``uniform(key, 2 * (first + k))``.
    """
    for k in range(out.size):
        out[k], _ = uniform_pair(key, first + k)


@kernel(allocates=False, is_inner=True)
def uniforms_at(key, numbers, n, out):
    """
    Draws of a key at any numbers, side by side.

    Parameters
    ----------
    key : uint64
    numbers : uint64 array
    n : int
        How many; entries of `out` up to the next multiple of `LANES` are overwritten.
    out : float64 array
        Filled: entry k is ``uniform(key, numbers[k])``; as long as `numbers`, a multiple of `LANES`.
    """
    for k in range(-(-n // LANES) * LANES):
        out[k] = uniform(key, numbers[k])


@kernel
def normal(u):
    """
    Standard normal quantile of `u`: one uniform, one normal, increasing.

    Algorithm AS 241, routine PPND16 (Wichura, Applied Statistics 37, 1988), relative accuracy about 1e-16
    in exact arithmetic.

    Parameters
    ----------
    u : float64
        In (0, 1).

    Returns
    -------
    float64
        NaN when `u` is NaN; not defined at or outside the ends of (0, 1).
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _central_ratio(0.180625 - q * q)
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    x = _tail_ratio(r - 1.6) if r <= 5.0 else _far_tail_ratio(r - 5.0)
    return -x if q < 0.0 else x


@kernel
def _polynomial(x, c0, c1, c2, c3, c4, c5, c6, c7):
    # Estrin's grouping: three dependent steps instead of Horner's seven, which the processor would wait for.
    x2 = x * x
    low = (c0 + c1 * x) + (c2 + c3 * x) * x2
    high = (c4 + c5 * x) + (c6 + c7 * x) * x2
    return low + high * (x2 * x2)


@kernel(is_inner=True)
def _central_ratio(r):
    return _polynomial(
        r,
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ) / _polynomial(
        r,
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    )


@kernel(is_inner=True)
def _tail_ratio(r):
    return _polynomial(
        r,
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ) / _polynomial(
        r,
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    )


@kernel(is_inner=True)
def _far_tail_ratio(r):
    return _polynomial(
        r,
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ) / _polynomial(
        r,
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    )


@kernel
def normal_cdf(x):
    """
    Standard normal distribution function, accurate in both tails.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
        ``erfc(-x / sqrt(2)) / 2``.
    """
    return 0.5 * math.erfc(-x * 0.7071067811865476)
