"""The shape of the project: who may know whom, and how large things may grow."""

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.core.posts import Post
from crawler.items import PostItem

ROOT = Path(__file__).parents[1]
MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted((ROOT / "crawler").rglob("*.py"))
}
CORE_KNOWS_NOT = {
    *("scrapy", "twisted", "sqlite3", "pathlib", "os", "requests", "logging", "socket"),
    *("subprocess", "shutil", "tempfile", "urllib.request", "http", "asyncio", "time"),
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
MAX_LINES = 400
MAX_FUNCTION_LINES = 45


def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def imports_of(module: str) -> Iterator[str]:
    """Name everything a module imports, relative imports made absolute."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def within(name: str, packages: set[str]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in packages)


def below(package: str) -> list[str]:
    return [module for module in MODULES if within(module, {package})]


def strangers(module: str, allowed: set[str], banned: set[str]) -> list[str]:
    """List the imports of a module that its layer may not have."""
    return [
        name
        for name in imports_of(module)
        if within(name, banned)
        or (within(name, {"crawler"}) and not within(name, allowed))
    ]


@pytest.mark.parametrize("module", below("crawler.core"))
def test_the_core_knows_neither_the_world_nor_the_rest(module):
    found = strangers(module, {"crawler.core"}, CORE_KNOWS_NOT)

    assert found == [], f"{module} is values in, values out: pass in what it needs"


@pytest.mark.parametrize("module", below("crawler.storage"))
def test_the_storage_knows_files_but_no_scrapy(module):
    found = strangers(
        module, {"crawler.core", "crawler.storage"}, {"scrapy", "twisted"}
    )

    assert found == [], f"{module} must work without a crawl: move this to its caller"


@pytest.mark.parametrize("module", below("crawler.demo"))
def test_the_sample_site_stands_alone(module):
    found = strangers(module, {"crawler.demo"}, {"scrapy", "twisted"})

    assert found == [], f"{module} is what the crawler is tried on: it may not use it"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_about(module):
    parts = set(module.split("."))

    assert not parts & VAGUE, f"name {module} after what it knows"
    assert ast.get_docstring(tree_of(module)), f"{module} has no docstring"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_enough_to_read(module):
    lines = len(MODULES[module].read_text("utf-8").splitlines())

    assert lines <= MAX_LINES, f"divide {module}, it has {lines} lines"


def definitions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Give every class, function and method with its name, not those in functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        if isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{prefix}{child.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_what_is_public_explains_itself(module):
    silent = [
        name
        for name, node in definitions(tree_of(module))
        if not any(part.startswith("_") for part in name.split("."))
        and not ast.get_docstring(node)
    ]

    assert silent == [], f"write a docstring for each of these in {module}"


@pytest.mark.parametrize("module", MODULES)
def test_a_class_explains_itself_even_when_private(module):
    silent = [
        name
        for name, node in definitions(tree_of(module))
        if isinstance(node, ast.ClassDef) and not ast.get_docstring(node)
    ]

    assert silent == [], f"write a docstring for each of these in {module}"


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring."""
    end = node.end_lineno or node.lineno
    if not ast.get_docstring(node):
        return end - node.lineno + 1
    docstring = node.body[0]
    return end - node.lineno - (docstring.end_lineno or 0) + docstring.lineno


@pytest.mark.parametrize("module", MODULES)
def test_a_function_fits_on_a_screen(module):
    functions = [
        node
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [f"{node.name}: {length(node)} lines" for node in functions
            if length(node) > MAX_FUNCTION_LINES]  # fmt: skip

    assert long == [], f"take parts out of these in {module}"


def test_an_item_has_the_fields_of_a_post():
    def names(kind: type) -> list[str]:
        return [field.name for field in dataclasses.fields(kind)]

    assert names(PostItem) == names(Post), "crawler/items.py follows core/posts.py"


def test_an_empty_item_has_holes_alone():
    values = dataclasses.asdict(PostItem()).values()

    assert all(value is None or value == [] for value in values)
