"""Work that takes long or much memory, in a process of its own: nothing else waits for it, and all of it comes back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


async def en_otro_proceso(hacer: Callable[[A], R], con: A) -> R:
    """What `hacer` makes of `con`: a function of a module, which that process imports, and what can be pickled."""
    taller = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        return await asyncio.get_running_loop().run_in_executor(taller, hacer, con)
    finally:
        taller.shutdown(wait=False)
