"""Prints, as JSON, every GraphQL document that the installed wandb package can
send: {"version", "documents": [{"kind", "name", "origin", "text"}], "missed",
"features": {name: number}}, with the switches that it knows.

Documents of wandb-core stand in its binary as they are sent. Those of the
Python package are constants, or are put together inside functions: the
assignments of such a function are carried out for each way through its
branches, without calling anything but methods of texts and lists. "missed"
names the places that hold the beginning of a document of which none came out.
"""

import ast
import importlib
import itertools
import json
import os
import pathlib
import re
import sys

START = re.compile(r"\s*(?:#graphql\s*)?(query|mutation|subscription)\s+(\w+)\s*[({]")
# A place that a way left open: "elif" without an "else" for what cannot happen.
OPEN = re.compile(r"^\s*_?[A-Z]+_[A-Z_]+,?\s*$", re.M)
# What the package may call while it puts a text together.
METHODS = {"replace", "join", "format", "append", "extend", "strip", "items", "keys", "values"}
MAX_WAYS = 4096


def core_documents(binary):
    """Documents of the Go client: each stands whole in the binary, with its fragments."""
    data = binary.read_bytes().decode("latin-1")
    for m in re.finditer(r"(?:query|mutation) \w+ ?[({]", data):
        end = block(data, data.index("{", argument_end(data, m.end() - 1)))
        if end is None:
            continue
        while f := re.compile(r"\s*fragment \w+ on \w+ \{").match(data, end):
            end = block(data, f.end() - 1)
        yield data[m.start():end]


def argument_end(data, i):
    if data[i] == "{":
        return i
    depth = 0
    for j in range(i, i + 5000):
        depth += (data[j] == "(") - (data[j] == ")")
        if depth == 0:
            return j
    return i


def block(data, i):
    """Where the block that opens at i ends."""
    depth = 0
    for j in range(i, min(i + 20000, len(data))):
        depth += (data[j] == "{") - (data[j] == "}")
        if depth == 0:
            return j + 1
    return None


def literals(node):
    """Lines of texts below node that begin a document."""
    for n in ast.walk(node):
        first = n.values[0] if isinstance(n, ast.JoinedStr) and n.values else n
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and START.match(first.value):
            yield n.lineno


def harmless(node):
    """Whether evaluating an expression can do nothing but make texts and lists."""
    for n in ast.walk(node):
        if isinstance(n, ast.Call):
            name = n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
            if name not in METHODS and name not in ("gql", "dedent"):
                return False
        elif isinstance(n, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
    return True


def decisions(body):
    """The if statements and expressions below some statements, in order."""
    return [n for s in body for n in ast.walk(s) if isinstance(n, (ast.If, ast.IfExp))]


class Way:
    """One way through a function: which branch each of its conditions takes."""

    def __init__(self, names, choice):
        self.names, self.choice = dict(names), choice

    def run(self, body):
        for s in body:
            if isinstance(s, ast.If):
                self.run(s.body if self.choice[id(s)] else s.orelse)
            elif isinstance(s, (ast.With, ast.For, ast.While)):
                self.run(s.body)
            elif isinstance(s, ast.Try):
                self.run(s.body)
                for h in s.handlers:
                    self.run(h.body)
            elif isinstance(s, ast.FunctionDef) and s.name in METHODS and all(isinstance(b, (ast.Nonlocal, ast.Assign)) and (not isinstance(b, ast.Assign) or harmless(b.value)) for b in s.body):
                self.do(ast.FunctionDef(**dict(ast.iter_fields(s)) | {"body": [ast.Global(names=b.names) if isinstance(b, ast.Nonlocal) else b for b in s.body]}))
            elif isinstance(s, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)) and s.value is not None and harmless(s.value):
                self.do(s)
            elif isinstance(s, ast.Return) and s.value is not None and harmless(s.value):
                self.do(ast.Assign(targets=[ast.Name(id="__returned", ctx=ast.Store())], value=s.value))

    def do(self, statement):
        try:
            module = ast.fix_missing_locations(ast.Module(body=[choose(statement, self.choice)], type_ignores=[]))
            exec(compile(module, "<wandb>", "exec"), self.names)
        except Exception:  # it needs what only a call knows
            pass


def choose(node, choice):
    """node with each of its conditional expressions decided."""
    if isinstance(node, ast.IfExp):
        return choose(node.body if choice[id(node)] else node.orelse, choice)
    if not isinstance(node, ast.AST):
        return node
    fields = {}
    for name, value in ast.iter_fields(node):
        fields[name] = [choose(v, choice) for v in value] if isinstance(value, list) else choose(value, choice)
    return type(node)(**fields)


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from texts(v)


def templates(node):
    """Names whose text is only the beginning of another: something is replaced in it."""
    names = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("replace", "format") and isinstance(n.func.value, ast.Name):
            names.add(n.func.value.id)
    return names


def arguments(function, module):
    """Values that the parameters of a function may have: none, or the module's pairs of a fragment and its name."""
    names = [a.arg for a in function.args.args + function.args.kwonlyargs]
    if "fragment" in names and "fragment_name" in names:
        for key, text in vars(module).items():
            if key.endswith("_FRAGMENT") and f"{key}_NAME" in vars(module):
                yield {"fragment": text, "fragment_name": vars(module)[key + "_NAME"]}
        return
    yield {}


def chooses(condition, module):
    for n in ast.walk(condition):
        if isinstance(n, ast.Constant) and isinstance(n.value, str) or isinstance(n, ast.Name) and isinstance(vars(module).get(n.id), str):
            return True
    return False


def passed(node):
    """Documents that are the argument of a call as they stand."""
    for n in ast.walk(node):
        for a in n.args if isinstance(n, ast.Call) else ():
            if isinstance(a, ast.Constant) and isinstance(a.value, str) and START.match(a.value):
                yield a.value


def ways(node, module):
    """The namespaces that a function or class can end with."""
    conditions = decisions(node.body)
    tests = {id(c): ast.dump(c.test) for c in conditions}  # the same question has the same answer
    # A condition that chooses between no texts decides nothing.
    relevant = sorted({tests[id(c)] for c in conditions if chooses(c, module)})
    count = 0
    for given in arguments(node, module) if isinstance(node, ast.FunctionDef) else [{}]:
        for picks in itertools.product((True, False), repeat=len(relevant)):
            if (count := count + 1) > MAX_WAYS:
                raise SystemExit(f"{module.__name__}: {node.name} has more than {MAX_WAYS} ways")
            answers = dict(zip(relevant, picks))
            way = Way(vars(module) | given, {c: answers.get(test, True) for c, test in tests.items()})
            way.run(node.body)
            yield way.names


def innermost(tree):
    """Functions and classes that hold a document themselves, not in another below them."""
    for n in ast.walk(tree):
        if not isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        below = {line for c in ast.walk(n) if c is not n and isinstance(c, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) for line in literals(c)}
        if own := set(literals(n)) - below:
            yield n, own


def python_documents(root):
    """Pairs of place and text, and the places that gave nothing."""
    missed = []
    found = []
    for path in sorted(root.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "vendor" in path.parts or not re.search(r"(query|mutation)\s+\w+\s*[({]", source):
            continue
        tree = ast.parse(source)
        if not list(literals(tree)):
            continue
        place = str(path.relative_to(root))
        module = importlib.import_module(".".join(("wandb", *path.relative_to(root).with_suffix("").parts)))
        inside = set()
        for node, lines in innermost(tree):
            inside |= lines
            skip, got = templates(node), 0
            for text in passed(node):
                found.append((f"{place}:{min(lines)}", text))
                got += 1
            for names in ways(node, module):
                for key, value in names.items():
                    if key in skip or vars(module).get(key) is value:
                        continue
                    for text in texts(value):
                        if START.match(text) and not OPEN.search(text):
                            found.append((f"{place}:{min(lines)}", text))
                            got += 1
            if not got:
                missed.append(f"{place}:{min(lines)}")
        for statement in tree.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                for line in set(literals(statement)) - inside:
                    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                    found.append((f"{place}:{line}", getattr(module, target.id)))
    return found, missed


def main():
    import wandb
    root = pathlib.Path(wandb.__file__).parent
    found, missed = python_documents(root)
    found += [("core", text) for text in core_documents(root / "bin" / "wandb-core")]
    documents = {}
    for origin, text in found:
        m = START.match(text)
        key = re.sub(r"\s+", " ", text).strip()
        documents.setdefault(key, {"kind": m[1], "name": m[2], "origin": origin, "text": text})
    from wandb.proto import wandb_internal_pb2
    features = {name: number for name, number in wandb_internal_pb2.ServerFeature.items() if number}
    json.dump({"version": wandb.__version__, "documents": list(documents.values()), "missed": missed, "features": features}, sys.stdout)


if __name__ == "__main__":
    os.environ["WANDB_ERROR_REPORTING"] = "false"
    main()
