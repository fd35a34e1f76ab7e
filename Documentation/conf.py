# SPDX-License-Identifier: GPL-2.0
"""How Sphinx builds these pages (make htmldocs)."""

project = "rust_vma"
language = "en"

# Two hyphens are two hyphens: most of ours begin an option.
smartquotes = False

# Boxes contain output and diagrams, not Python.
highlight_language = "none"

html_theme = "alabaster"
html_theme_options: dict[str, str | bool] = {
    "description": "VMAs, merged and split in Rust",
    # The longest lines of output fit in.
    "page_width": "1280px",
    "body_max_width": "none",
    "code_font_size": "0.8em",
    "fixed_sidebar": True,
}
html_show_copyright = False
html_show_sphinx = False
# The sources are beside the pages already.
html_copy_source = False
