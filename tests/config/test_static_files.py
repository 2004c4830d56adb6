"""Static files as production serves them: every module has one address."""

import re
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.core.management import call_command
from pytest_django.fixtures import Settings

_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?from "\./([^"]+)"', re.MULTILINE)


def test_what_a_module_imports_has_the_address_that_a_page_gives_it(
    settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static_files.HashedFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)

    files: Any = storages["staticfiles"]
    imported = _IMPORT.findall((tmp_path / files.stored_name("sms/editor.js")).read_text())
    expected = [files.stored_name(f"sms/{name}.js") for name in ("counter", "merge")]
    assert [f"sms/{name}" for name in imported] == expected
