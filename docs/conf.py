"""Owns how the documentation is built: MyST pages, the tutorial
executed as a notebook, nothing from a network.
"""

import fundsim

project = "fundsim"
author = "the fundsim authors"
project_copyright = "the fundsim authors, Apache License 2.0"
version = release = fundsim.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "myst-nb"}
exclude_patterns = ["_build", "jupyter_execute", ".jupyter_cache"]
language = "en"

# Formulas are plain text: the usual renderer is fetched from another host, and these pages must read offline.
myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = 3

# Shapes and units stand in the docstrings, beside the types.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

nb_execution_mode = "auto"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_excludepatterns = []
nb_ipywidgets_js = {}

html_theme = "furo"
html_title = f"fundsim {release}"
html_theme_options = {"source_edit_link": ""}
html_copy_source = False
html_show_sourcelink = False
