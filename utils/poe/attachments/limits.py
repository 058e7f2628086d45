"""How much of the attached files goes into one question."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Where there is no room for everything, the newest files win."""

    images: int = 10
    """Pictures in one question."""
    bytes_per_image: int = 10_000_000
    """The largest picture that is fetched."""
    bytes_of_images: int = 30_000_000
    """All pictures of one question together, as they stand in it: base64 makes them a third larger."""
    seconds_per_image: float = 5
    """The longest wait for a picture. All are fetched at once, so it is the longest wait for all of them, too."""
    characters_per_file: int = 1_000_000
    """The text of one file."""
    characters: int = 2_000_000
    """The text of all files together."""

    @property
    def megabytes_per_image(self) -> float:
        """`bytes_per_image` as a person would say it."""
        return self.bytes_per_image / 1_000_000
