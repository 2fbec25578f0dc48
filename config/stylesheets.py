"""All style of a page in one request: a style sheet is served with what it imports inside it.

`static/css` has a file per component, to find a rule by its name. A browser would ask for each.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage, Storage

IMPORT: Final = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)


def inlined(sheet: Path) -> str:
    """Return a style sheet with each file that it imports in the place of the import.

    URLs stay as they are: only files in the folder of the sheet itself can name another file.
    """
    return IMPORT.sub(lambda found: inlined(sheet.parent / found[1]), sheet.read_text())


class Finder(FileSystemFinder):
    """Finds the portal's own static files, style sheets with what they import inside.

    `collectstatic` asks for all of them, and with DEBUG the web server for each at every request.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._whole = FileSystemStorage(location=settings.BASE_DIR / ".local" / "stylesheets")

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        """Return where a file is, or None."""
        found = super().find_location(root, path, prefix)
        return self._write(path, Path(found)) if found and path.endswith(".css") else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield every file, and the storage to read it from."""
        for path, storage in super().list(ignore_patterns):
            if path.endswith(".css"):
                self._write(path, Path(storage.path(path)))
                yield path, self._whole
            else:
                yield path, storage

    def _write(self, path: str, sheet: Path) -> str:
        """Write the whole sheet when it changed, so that its age is that of the last edit."""
        whole, text = Path(self._whole.path(path)), inlined(sheet)
        if not whole.exists() or whole.read_text() != text:
            whole.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=whole.parent, delete=False) as new:
                new.write(text)
            Path(new.name).replace(whole)
        return str(whole)
