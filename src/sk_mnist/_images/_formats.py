"""Kinds of files that Pillow cannot open by itself, and what to do about them."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
HEAD_SIZE = 1024  # bytes by which a kind is recognized


def is_heif(head: bytes) -> bool:
    """Whether a file begins as HEIF, the container of HEIC, does."""
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS


def learn_heif() -> bool:
    """Teach Pillow to open HEIC if pillow-heif is installed, and say whether it is."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def advice_on(head: bytes) -> str:
    """Say from its beginning what a file is that Pillow cannot open, and what to do.

    >>> advice_on(b"%PDF-1.7")
    'a PDF: save its page as PNG or JPEG'
    """
    if is_heif(head) and not learn_heif():
        return (
            "a HEIC photo: install what reads it, with pip install pillow-heif, or "
            "save it as JPEG"
        )
    if head.startswith(b"%PDF"):
        return "a PDF: save its page as PNG or JPEG"
    if b"<svg" in head:
        return "an SVG drawing: save it as PNG"
    return "not an image, or of a kind that cannot be read here"
