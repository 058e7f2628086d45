"""What a model gets of the files in a conversation: their text, the pictures it can see, and a word on the rest."""

from .image_fetcher import ImageFetcher
from .limits import Limits
from .reader import AttachmentReader, Seen
from .sight import Sight

__all__ = ["AttachmentReader", "ImageFetcher", "Limits", "Seen", "Sight"]
