"""Pictures that a model makes are files of the answer, shown where they came."""

import fastapi_poe as fp

from utils.chat import Image

MOST_PICTURES = 20
"""So many files Poe takes with one answer."""


def picture_event(image: Image, number: int) -> fp.PartialResponse:
    """The picture as a file, with the words that show it. One that is only data still has to be put somewhere."""
    content_type = image.url[len("data:") :].partition(";")[0] if image.url.startswith("data:") else "image/png"
    name, reference = f"picture-{number}", f"picture{number}"
    file = fp.Attachment(url=image.url, content_type=content_type, name=name, inline_ref=reference)
    return fp.PartialResponse(text=f"![picture {number}][{reference}]\n\n", attachment=file)
