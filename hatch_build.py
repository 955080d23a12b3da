"""What the build adds: the project's addresses, its README, and a bill of materials (PEP 770)."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE_LINK = re.compile(r"(?<=\]\()(?=[\w./-]+\))")
GENERATOR = "openapi-python-client"


class Addresses(MetadataHookInterface):
    """
    Takes the repository's address from `PROJECT_URL`.

    The release workflow sets it, so that a fork never sends its users to another project.
    """

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the addresses, and make the README's links full ones; neither where none is known."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        home = os.environ.get("PROJECT_URL", "").rstrip("/")
        if home:
            text = RELATIVE_LINK.sub(f"{home}/blob/HEAD/", text)
            metadata["urls"] = {
                "Repository": home,
                "Changelog": f"{home}/blob/main/CHANGELOG.md",
                "Issues": f"{home}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


class BillOfMaterials(BuildHookInterface[Any]):
    """Puts a CycloneDX document into the wheel: what it needs, and what made its generated part."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the document, and have it included; an editable install needs none."""
        if self.target_name != "wheel" or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / f"{self.metadata.core.name}.cdx.json"
        path.write_text(json.dumps(self._document(), indent=1), encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def _document(self) -> dict[str, Any]:
        name, version = self.metadata.core.name, self.metadata.version
        this = f"pkg:pypi/{name}@{version}"
        needed = [
            requirement.name for requirement in self.metadata.core.dependencies_complex.values()
        ]
        pinned = self.metadata.config["dependency-groups"]["dev"]
        [generator] = [line for line in pinned if line.startswith(f"{GENERATOR}==")]
        purl = f"pkg:pypi/{generator.replace('==', '@')}"
        return {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "library",
                    "bom-ref": this,
                    "name": name,
                    "version": version,
                    "purl": this,
                    "licenses": [{"license": {"id": self.metadata.core.license_expression}}],
                }
            },
            "components": [
                *({"type": "library", "bom-ref": f"pkg:pypi/{n}", "name": n} for n in needed),
                {
                    "type": "application",
                    "bom-ref": purl,
                    "name": GENERATOR,
                    "version": generator.partition("==")[2],
                    "purl": purl,
                    "scope": "excluded",
                    "description": "wrote samsara_qualifications_api from the spec in openapi/",
                },
            ],
            "dependencies": [{"ref": this, "dependsOn": [f"pkg:pypi/{n}" for n in needed]}],
        }
