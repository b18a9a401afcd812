"""The version of the package, the same as that of all of Renova's packages."""

__version__ = "0.1.0"
