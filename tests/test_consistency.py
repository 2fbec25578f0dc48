"""House rules that no linter sees."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from inspect import isfunction, signature
from pathlib import Path
from types import FunctionType

import pytest
from django.apps import apps
from django.db.models import Model
from django.template.utils import get_app_template_dirs

from sellers.enums import EventKind

BASE = Path(__file__).parent.parent
OURS = ("sellers", "queries", "surveys", "insights", "config")
TEMPLATES = BASE / "templates"
PAGES = [  # mail programs know nothing but inline styles
    path for path in TEMPLATES.rglob("*.html") if path.parent.name != "email"
]
OUTSIDE = re.compile(
    r"^(admin|api|views|tasks)(\.py|/)|^management/"
    r"|^(adapter|second_factor)\.py"  # what allauth's views call
)


def relative(path: Path) -> str:
    """Return a path as people write it."""
    return path.relative_to(BASE).as_posix()


def sources() -> Iterator[Path]:
    """Yield every Python file of the five packages but the migrations."""
    for package in OURS:
        for path in (BASE / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


def models() -> Iterator[type[Model]]:
    """Yield every model of the five packages."""
    for package in OURS:
        yield from apps.get_app_config(package).get_models()


def writes(action: FunctionType) -> bool:
    """Return whether a function is one transaction of its own."""
    return hasattr(action, "__wrapped__")


def mentions(paths: Iterator[Path], pattern: str) -> list[str]:
    """Return where a pattern occurs, as "file:line: text"."""
    return [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"""[\s"']on[a-z]+\s*=""", id="handlers"),
        pytest.param(r"hx-on|_=|hyperscript", id="handlers of htmx"),
        pytest.param(r"<script(?![^>]*\ssrc=)", id="scripts"),
        pytest.param(r"<style|\sstyle\s*=", id="styles"),
        pytest.param(r"javascript:|\bjs:", id="URLs that run"),
        pytest.param(r"\|\s*safe\b|autoescape off|\bmark_safe\b", id="unescaped text"),
        pytest.param(r"(src|href|action)=[\"']?(https?:)?//", id="third parties"),
    ],
)
def test_pages_have_none_of_these_inline(pattern: str) -> None:
    assert len(PAGES) > 20
    assert mentions(iter(PAGES), pattern) == []


def test_python_writes_no_styles_or_handlers_either() -> None:
    assert mentions(sources(), r"style=[\"']|\son[a-z]+=[\"']|<script|mark_safe\(") == []


def test_no_comment_of_a_template_is_printed() -> None:
    """One that goes on in a second line is no comment to Django."""
    assert mentions(TEMPLATES.rglob("*.*"), r"{#(?!.*#})") == []


def test_every_template_is_used() -> None:
    texts = [path.read_text() for path in (*sources(), *TEMPLATES.rglob("*.*"))]
    installed = get_app_template_dirs("templates")
    django_s_own = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
    names = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*")}

    unused = {
        name
        for name in names - django_s_own
        if not any(f'"{name}"' in text for text in texts)
        and not any((directory / name).exists() for directory in installed)
    }

    assert unused == set()


def test_only_the_outside_layer_reads_the_clock() -> None:
    clock = (
        r"timezone\.(now|localdate|localtime)\(|datetime\.(now|utcnow|today)\(|date\.today\("
        r"|\btime\.time\(|\bNow\(\)|CURRENT_(DATE|TIME)|auto_now"
    )
    inside = [
        path
        for path in sources()
        if path.relative_to(BASE).parts[0] != "config"
        and not OUTSIDE.search(path.relative_to(BASE / path.relative_to(BASE).parts[0]).as_posix())
    ]

    assert len(inside) > 30
    assert mentions(iter(inside), clock) == []


@pytest.mark.parametrize(
    "module",
    [
        "insights.notes",
        "queries.actions.desk",
        "sellers.actions.shop_settings",
        "sellers.actions.alerts",
        "sellers.actions.team",
        "sellers.actions.webhooks",
        "queries.actions.endings",
        "queries.actions.handovers",
        "queries.actions.members",
        "queries.actions.notes",
        "queries.actions.questions",
        "queries.actions.reactions",
        "queries.actions.replies",
        "queries.customer_mail",
        "queries.asking",
        "queries.customers",
        "queries.identity",
        "surveys.answers",
        "surveys.exclusions",
        "surveys.followups.appreciations",
        "surveys.followups.lapsing",
        "surveys.followups.playbooks",
        "surveys.followups.working",
        "surveys.imports.storing",
        "surveys.privacy",
    ],
)
def test_every_action_says_by_whom_and_when(module: str) -> None:
    actions = [
        action
        for name, action in vars(import_module(module)).items()
        if isfunction(action) and action.__module__ == module and not name.startswith("_")
    ]
    asked = [set(signature(action).parameters) for action in actions if writes(action)]

    assert asked
    assert [names for names in asked if not {"by", "now"} <= names] == []


def test_every_kind_of_event_is_written_somewhere() -> None:
    texts = "".join(path.read_text() for path in sources())
    kinds = {
        f"{type(kind).__name__}.{kind.name}"
        for kinds in EventKind.__subclasses__()
        for kind in kinds
    }

    assert len(kinds) > 20
    assert {kind for kind in kinds if kind not in texts} == set()


def test_no_task_waits_in_the_broker() -> None:
    assert mentions(sources(), r"countdown|\beta\s*=|apply_async|\.delay\(") == []


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "common", "services", "managers", "base", "core", "misc"}

    assert [relative(path) for path in sources() if drawers & {path.stem, *path.parts}] == []


def test_every_relation_has_a_name_from_the_other_side() -> None:
    unnamed = [
        str(field)
        for model in models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.model._meta.app_label in OURS
        if getattr(field, "remote_field", None) and not field.remote_field.related_name  # type: ignore[union-attr]
    ]

    assert unnamed == []


def test_no_model_sorts_by_itself() -> None:
    assert [model.__name__ for model in models() if model._meta.ordering] == []


def test_every_guard_of_the_database_has_a_test() -> None:
    guards = {
        guard.name
        for model in models()
        for guard in (*model._meta.constraints, *getattr(model._meta, "triggers", ()))
    }
    tests = "".join(path.read_text() for path in (BASE / "tests").rglob("test_*.py"))

    untested = {name for name in guards if f'"{name}"' not in tests}

    assert len(guards) > 30
    assert untested == set()


@pytest.mark.parametrize(
    "path", sorted((BASE / "tests" / "bench").rglob("*.py")), ids=lambda path: path.name
)
def test_benchmarks_import_what_is_there(path: Path) -> None:
    """Also within functions, which nothing runs but a benchmark."""
    wanted = [
        (node.module, name.name)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
        if name.name != "*"
    ]

    missing = [
        f"{module}.{name}"
        for module, name in wanted
        if not hasattr(import_module(module), name) and not find_spec(f"{module}.{name}")
    ]

    assert missing == []


def test_settings_and_their_documentation_name_the_same_variables() -> None:
    settings = (BASE / "config" / "settings.py").read_text()
    read = set(re.findall(r'\bsetting\(\s*\w+,\s*"([A-Z][A-Z_]+)"', settings))
    example = re.findall(r"^([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \|", (BASE / "README.md").read_text(), re.MULTILINE)

    assert len(read) > 20
    assert read == set(example)
    assert read == set(re.findall(r"[A-Z_]{2,}", " ".join(rows)))
