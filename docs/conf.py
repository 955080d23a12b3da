"""How the site is built: `make docs`."""

import sys
from pathlib import Path

from samsara_qualifications import __version__

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
project = "samsara-qualifications"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docs_site.extension"]
exclude_patterns = ["_build"]
default_role = "code"
myst_heading_anchors = 3
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
strip_signature_backslash = True  # of attributes such as type_
napoleon_use_ivar = True
html_theme = "furo"
html_theme_options = {"light_css_variables": {"code-font-size": "var(--font-size--small--2)"}}
html_title = f"{project} {release}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
smartquotes_action = "D"
html_domain_indices = False
html_use_index = False
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
