"""What runs in the process of the SDK: snippets come as lines of JSON, and so do answers.

Of this project it knows nothing. A snippet's last line, if it is an expression, is what it
answers; names that it binds are gone with it.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from typing import Any

import wandb


def run(code: str, names: dict[str, Any]) -> Any:
    """Execute a snippet; return what its last line is worth."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "snippet", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "snippet", "eval"), names)


def answer(line: str, names: dict[str, Any]) -> dict[str, Any]:
    """What is said of one snippet: its value, or the exception's type and text."""
    asked = json.loads(line)
    try:
        return {"value": run(asked["code"], names | asked["values"])}
    except Exception as error:  # whatever the SDK raises is the answer
        if wandb.run:  # or the next one that begins a run would get this
            wandb.finish(exit_code=1)
        return {"error": type(error).__name__, "text": str(error)}


def main() -> None:
    """Answer until nobody asks any more; whatever else is printed goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    names = {"wandb": wandb}
    for line in sys.stdin:
        print(json.dumps(answer(line, names), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
