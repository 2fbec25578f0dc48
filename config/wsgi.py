"""The WSGI entry point, which config/web.py serves."""

import os
from collections.abc import Iterable
from typing import Any, Final

from django.core.wsgi import get_wsgi_application

from config.charset import Application, only_utf_8

os.environ["NAZORG_PROCESS"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# No page needs these, so nothing that got into one may use them either.
FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "sync-xhr",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY: Final = ", ".join(f"{feature}=()" for feature in FEATURES)


def with_permissions_policy(application: Application) -> Application:
    """Let every answer, also an error and a static file, close these features of a browser.

    https://www.w3.org/TR/permissions-policy/
    """

    def answering(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(
                status, [*headers, ("Permissions-Policy", PERMISSIONS_POLICY)], *failure
            )

        return application(environ, start)

    return answering


application = with_permissions_policy(only_utf_8(get_wsgi_application()))
