"""Owns the one decorator that compiles every kernel, and what the kernels are that the engine calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar, overload

import numba
import numpy as np
from numba import config

from fundsim.kernels.base.cache import KernelCache, cache_folder
from fundsim.kernels.base.inner import InnerCompiler

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""Options of every kernel. No fastmath (it makes `isnan` false), no
`prange` (it changes float sums with the thread count).
"""

_INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": InnerCompiler}

Signatures = dict["Entry", tuple[Any, ...]]
_rehearsed: ContextVar[Signatures | None] = ContextVar("rehearsed", default=None)


class Entry:
    """
    A kernel that the engine calls; in a rehearsal it only notes the types that it is called with.

    Parameters
    ----------
    dispatcher : dispatcher
        The compiled function, whose attributes it has.
    """

    def __init__(self, dispatcher: Any) -> None:
        self.dispatcher = dispatcher

    def __call__(self, *arguments: Any) -> Any:
        signatures = _rehearsed.get()
        if signatures is None:
            return self.dispatcher(*arguments)
        signatures[self] = tuple(numba.typeof(argument) for argument in arguments)
        return None

    def __getattr__(self, name: str) -> Any:
        if name == "dispatcher":  # while it is made, or unpickled
            raise AttributeError(name)
        return getattr(self.dispatcher, name)

    @property
    def name(self) -> str:
        """The name of its function."""
        return str(self.dispatcher.py_func.__name__)

    @property
    def module(self) -> str:
        """The module that it stands in."""
        return str(self.dispatcher.py_func.__module__)

    def is_compiled(self, signature: tuple[Any, ...]) -> bool:
        """Whether a signature is compiled in this process, or kept in a folder."""
        dispatcher = self.dispatcher
        return signature in dispatcher.overloads or dispatcher._cache.holds(signature, dispatcher.targetctx)


@contextmanager
def rehearsal() -> Iterator[Signatures]:
    """Let entries that this thread calls note the types of their arguments, and do nothing else."""
    signatures: Signatures = {}
    token = _rehearsed.set(signatures)
    try:
        yield signatures
    finally:
        _rehearsed.reset(token)


@overload
def kernel(function: Function) -> Function: ...


@overload
def kernel(
    *, allocates: bool = True, is_entry: bool = False, is_inner: bool = False, is_inlined: bool = False
) -> Callable[[Function], Function]: ...


def kernel(
    function: Any = None,
    *,
    allocates: bool = True,
    is_entry: bool = False,
    is_inner: bool = False,
    is_inlined: bool = False,
) -> Any:
    """
    Compile a function with the options of every kernel, cached so that a stale kernel cannot be called.

    numba's own cache looks at the file of the function alone, so an edit of a callee in another file would
    return old numbers. Here the cache folder carries a hash of all kernel sources and compiler settings
    (`source_key`). Where no folder can be written, the kernel is compiled in memory, once a process.

    Under ``NUMBA_DISABLE_JIT=1`` the plain Python function is returned inside ``np.errstate(all="ignore")``:
    compiled kernels wrap integers and divide by zero silently, and so does this one.

    Parameters
    ----------
    function : function
        Defined at the top of a module; scalars, arrays and NamedTuples of arrays in and out.
    allocates : bool
        False for a kernel that makes no array, in ``@kernel(allocates=False)``: it then counts no
        references to the arrays it is lent, which takes half the time of small kernels that are called for
        each enterprise.
    is_entry : bool
        True for a kernel that the engine calls and no kernel does: it is compiled ahead of a run, in a
        process beside others (`fundsim.engine.compiling`).
    is_inner : bool
        True for a step that only other kernels call: it is compiled into them, without the wrapper that
        unpacks Python arguments, without machine code of its own and without a place in the cache, which
        takes most of the compile time of small steps.
    is_inlined : bool
        True for an inner step that is called at one place, or is smaller than its call: it is put there. A
        call hands every array of every bundle over by value, some 600 words, which costs more than most
        steps do.

    Returns
    -------
    dispatcher, Entry or function
        Called like `function`; an inner kernel cannot be called from Python.
    """
    options = OPTIONS if allocates else {**OPTIONS, "_nrt": False}
    if is_inner or is_inlined:
        options = {**options, **_INNER}
    if is_inlined:
        options = {**options, "forceinline": True}
    compiled = partial(_compiled, options=options, is_entry=is_entry)
    return compiled if function is None else compiled(function)


def _compiled(function: Any, options: dict[str, Any], is_entry: bool) -> Any:
    if config.DISABLE_JIT:
        return np.errstate(all="ignore")(function)
    dispatcher = numba.njit(**options)(function)
    if "pipeline_class" not in options:
        dispatcher._cache = KernelCache(function)
    return Entry(dispatcher) if is_entry else dispatcher


def cache_is_warm(*kernels: Any) -> bool:
    """
    Whether calling the kernels should need no compilation.

    Parameters
    ----------
    *kernels : dispatchers
        Functions made by `kernel`; without any, the answer is whether the cache folder holds any compiled
        kernel.

    Returns
    -------
    bool
        True also when ``NUMBA_DISABLE_JIT=1``, as nothing will be compiled then.
    """
    if config.DISABLE_JIT:
        return True
    if kernels:
        return all(is_compiled(each) for each in kernels)
    folder = cache_folder()
    return folder is not None and next(folder.rglob("*.nbc"), None) is not None


def is_compiled(dispatcher: Any) -> bool:
    """Whether a kernel is compiled in this process, or kept in a folder."""
    if not hasattr(dispatcher, "signatures") or dispatcher.signatures:
        return True
    return bool(getattr(dispatcher._cache, "is_filled", False))
