"""Datasette over the browsing database: what it shows and how; needs Datasette."""
