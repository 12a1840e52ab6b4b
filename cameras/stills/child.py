"""The decoding child: ``python -m cameras.stills.child``. Reads jobs from standard input, answers on standard output.

The media of a job is an init segment and one fragment that starts with a key frame. The child ends with its input, so
it never outlives its parent. No Django, and nothing is trusted: memory is limited, and there are no core dumps.
"""

import io
import logging
import resource
import sys
from typing import BinaryIO

import av

from cameras.stills.protocol import ANSWER, JOB

_MEMORY = 1 << 30


def jpeg_of(media: bytes, width: int, quality: int) -> bytes:
    """The first picture of ``media``, at most ``width`` pixels wide. Raises ``FFmpegError`` or ``ValueError``."""
    with av.open(io.BytesIO(media), mode="r", format="mp4") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frame = next(container.decode(stream), None)
        if frame is None:
            raise ValueError("no picture")
        if frame.width > width:
            frame = frame.reformat(width=width, height=max(2, round(frame.height * width / frame.width) & ~1))
        out = io.BytesIO()
        picture = frame.to_image()  # type: ignore[no-untyped-call]
        picture.save(out, "JPEG", quality=quality)
        return out.getvalue()


def run(source: BinaryIO, sink: BinaryIO) -> None:
    while len(head := source.read(JOB.size)) == JOB.size:
        length, width, quality = JOB.unpack(head)
        media = source.read(length)
        if len(media) < length:
            return
        try:
            jpeg, status = jpeg_of(media, width, quality), 0
        except (av.error.FFmpegError, ValueError, IndexError, MemoryError):
            jpeg, status = b"", 1
        sink.write(ANSWER.pack(status, len(jpeg)) + jpeg)
        sink.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    av.logging.set_level(None)
    run(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
