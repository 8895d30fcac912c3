"""Six lucky numbers for the Korean 6/45 lottery."""

__version__ = "1.0.0"
