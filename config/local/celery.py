"""The portal's Celery with files for a broker: `celery --app=config.local.celery worker`."""

from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES

from config.celery import app
from config.local.bootstrap import LOCAL


def broker_options(url: str, folder: Path) -> dict[str, Any]:
    """Return what kombu needs besides the URL: folders for `filesystem://`, else nothing."""
    if not url.startswith("filesystem://"):
        return {}
    places = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
    for name in places.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {key: str(folder / name) for key, name in places.items()}


TRANSPORT_ALIASES["filesystem"] = "config.local.broker:Transport"
app.conf.broker_transport_options = broker_options(app.conf.broker_url, LOCAL / "broker")
