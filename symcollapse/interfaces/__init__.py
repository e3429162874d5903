"""Interfaces: the command line, its tables, files and plots."""
