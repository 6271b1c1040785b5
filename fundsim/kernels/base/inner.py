"""Owns how inner steps are compiled: as far as their callers need them, without machine code of their own."""

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.typed_passes import NopythonTypeInference


class _Codegen:
    """numba's code generator for what is only linked into callers, which optimise and emit it with theirs."""

    def __init__(self, codegen: Any) -> None:
        self._real = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def _module_pass_manager(self, **options: Any) -> Any:
        # The full suite runs in the kernel that the step ends in. Here the cheap one inlines and tidies.
        cheap = {"loop_vectorize": False, "slp_vectorize": False, "opt": 0, "cost": "cheap"}
        return self._real._module_pass_manager(**(options or cheap))

    def _add_module(self, module: Any) -> None:
        """No module for the engine, which would emit its machine code."""

    def set_env(self, env_name: str, env: Any) -> None:
        """No environment: it is for code that calls Python."""


class _Library(JITCodeLibrary):  # type: ignore[misc]
    """The code of an inner step."""

    def __init__(self, codegen: Any, name: str) -> None:
        super().__init__(_Codegen(codegen), name)

    def _finalize_specific(self) -> None:
        """Nothing is emitted."""

    def get_pointer_to_function(self, name: str) -> int:
        """No address, as of a wrapper that was not asked for."""
        self._ensure_finalized()
        return 0


@register_pass(mutates_CFG=False, analysis_only=True)  # type: ignore[untyped-decorator]
class _InnerLibrary(FunctionPass):  # type: ignore[misc]
    """Lets the lowering write into a library that emits nothing."""

    _name = "fundsim_inner_library"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        state.library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        return False


class InnerCompiler(CompilerBase):  # type: ignore[misc]
    """
    numba's pipeline for a kernel that is only called by kernels.

    numba runs all optimisations and emits machine code for every function, and again for each caller that it
    is linked into. A step that Python never calls needs neither: left to its callers, the kernels compile in
    three quarters of the time, to code that gives the same bits as fast.
    """

    def define_pipelines(self) -> list[Any]:
        """numba's own passes, with a library of ours."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_InnerLibrary, NopythonTypeInference)
        passes.finalize()
        return [passes]
