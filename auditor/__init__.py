"""auditor: from a YAML audit spec of an image model to evidence a reviewer can check."""

__version__ = "0.1.0"
