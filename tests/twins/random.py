"""Slow, obvious twins of the random kernels: Python integers
without wrap-around tricks, and scipy's quantiles.
"""

import hashlib

from scipy import special

WORD = 2**64
ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)


def threefry(counter, key, rounds=20):
    """Threefry-2x64 as in section 4.3 of Salmon et al. (2011), one round after the other."""
    schedule = (key[0], key[1], 0x1BD11BDAA9FC1A22 ^ key[0] ^ key[1])
    x0 = (counter[0] + schedule[0]) % WORD
    x1 = (counter[1] + schedule[1]) % WORD
    for number in range(rounds):
        bits = ROTATIONS[number % 8]
        x0 = (x0 + x1) % WORD
        x1 = (x1 * 2**bits) % WORD + x1 // 2 ** (64 - bits)
        x1 = x1 ^ x0
        if number % 4 == 3:
            injection = number // 4 + 1
            x0 = (x0 + schedule[injection % 3]) % WORD
            x1 = (x1 + schedule[(injection + 1) % 3] + injection) % WORD
    return x0, x1


def text_word(text):
    return int.from_bytes(text.encode("ascii"), "big")


def derive(key, word):
    return threefry((word, text_word("derive  ")), (key, text_word("fundsim ")))[0]


def path_key(run_key, path, stream):
    return derive(derive(run_key, path), stream)


def uniform(key, n):
    block = threefry((n // 2, text_word("uniform ")), (key, text_word("fundsim ")))
    cell = block[n % 2] // 2**12
    return (2 * cell + 1) / 2**53


def hash_name(text):
    """For names that are in Unicode's composed form already."""
    return int(hashlib.blake2b(text.encode("utf-8"), digest_size=8, person=b"fundsim name").hexdigest(), 16)


def seed_key(seed):
    """The key of a run's seed, an integer of any size (§0)."""
    digest = hashlib.blake2b(str(seed).encode("ascii"), digest_size=8, person=b"fundsim seed")
    return int(digest.hexdigest(), 16)


def normal(u):
    return float(special.ndtri(u))


def gamma(shape, u):
    """Quantile of the gamma distribution with scale 1, from the nearer tail."""
    return special.gammaincinv(shape, u) if u < 0.5 else special.gammainccinv(shape, 1.0 - u)


def beta(a, b, u):
    return special.betaincinv(a, b, u) if u < 0.5 else special.betainccinv(a, b, 1.0 - u)
