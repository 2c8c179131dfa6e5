"""What the label makes: Label, Artist, Release, Track, Run, Media."""

from app.catalogue.models import Artist, Format, Label, Media, MediaKind, Release, Run, Track

__all__ = ["Artist", "Format", "Label", "Media", "MediaKind", "Release", "Run", "Track"]
