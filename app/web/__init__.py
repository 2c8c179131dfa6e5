"""Shared manners of both sites: guards, headers, errors, pages, caching, and the face of things."""
