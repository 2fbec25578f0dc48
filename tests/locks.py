"""What the lock files pin, and the list of it that others read: `deploy/sbom.cdx.json`.

`make lock` writes that list, in CycloneDX: each package that runs in production with version and
licence. It says nothing that differs from one machine or moment to the next.
"""

import json
import re
import tomllib
from functools import partial
from importlib.metadata import metadata
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.local.bootstrap import BASE, files_of, lock_of

SBOM: Final = BASE / "deploy" / "sbom.cdx.json"
PRODUCTION: Final = "requirements.txt"
HASHES: Final = r"(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
PIN: Final = re.compile(rf"^(\S+)==(\S+)(?: ; (.*?))? \\\n{HASHES}", re.MULTILINE)


def locked(file: str, python: str = "") -> dict[str, str]:
    """Return what is pinned for a file, for this Python or another: {name: version}."""
    surroundings = {"python_version": python, "python_full_version": f"{python}.9"}
    return {
        canonicalize_name(name): number
        for name, number, marker in PIN.findall(lock_of(file).read_text())
        if not marker or Marker(marker).evaluate(surroundings if python else {})
    }


def asked(file: str) -> list[Requirement]:
    """Return what a requirements file asks for, with all that it includes."""
    lines = [line for part in files_of(file) for line in (BASE / part).read_text().splitlines()]
    return [
        Requirement(line.partition("#")[0])
        for line in lines
        if line.partition("#")[0].strip() and not line.startswith("-r ")
    ]


def our_version() -> str:
    """Return the version of Nazorg."""
    return str(tomllib.loads((BASE / "pyproject.toml").read_text())["project"]["version"])


def sbom() -> str:
    """Return the list of what runs in production, as JSON."""
    text = lock_of(PRODUCTION).read_text()
    portal = Component(
        name="nazorg", version=our_version(), type=ComponentType.APPLICATION, bom_ref="nazorg"
    )
    parts = [_component(*pin) for pin in PIN.findall(text)]
    bom = Bom(components=parts, serial_number=uuid5(NAMESPACE_URL, text + our_version()))
    bom.metadata.component = portal
    direct = {canonicalize_name(each.name) for each in asked(PRODUCTION)}
    bom.register_dependency(portal, [part for part in parts if part.name in direct])
    made = json.loads(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
    del made["metadata"]["timestamp"]
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _component(name: str, version: str, marker: str) -> Component:
    """Return a package; what not every machine has gets no licence, for here it may be missing."""
    name = canonicalize_name(name)
    return Component(
        name=name,
        version=version,
        bom_ref=f"{name}=={version}",
        purl=PackageURL("pypi", name=name, version=version),
        licenses=[] if marker else _licenses(name),
    )


def _licenses(name: str) -> list[License]:
    """Return what an installed package says of its licence; nothing where it says nothing."""
    said = metadata(name)
    in_short = said.get("License-Expression") or said.get("License") or ""
    if "\n" in in_short or not in_short:  # the whole text of it, or none
        kinds = said.get_all("Classifier") or []
        found = sorted(kind.split(" :: ")[-1] for kind in kinds if kind.startswith("License ::"))
    else:
        found = [in_short]
    make = partial(
        LicenseFactory().make_from_string, license_acknowledgement=LicenseAcknowledgement.DECLARED
    )
    return [make(each) for each in found]


if __name__ == "__main__":
    SBOM.write_text(sbom())
