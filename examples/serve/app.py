"""An HTTP service around a saved digit reader: pictures in, digits out.

The process holds no TensorFlow. ``MODEL`` names a pipeline that ``sk-mnist train``, or
joblib, has saved; joblib files are pickles, so use one that you trust:

    MODEL=model.joblib uvicorn --factory app:create_app
    curl --data-binary @photo.jpg localhost:8000/read
    curl -F image=@first.png -F image=@second.png localhost:8000/read-batch
"""

import io
import os
import time

import anyio
import joblib
from PIL import Image, UnidentifiedImageError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

MAXIMUM_BYTES = 8_000_000  # of a request
MAXIMUM_IMAGES = 64  # of a batch
MAXIMUM_PIXELS = 50_000_000  # of an image: a small file can hold a huge one
MAXIMUM_SECONDS = 10  # to receive and to answer a request


class LimitBytes:
    """Answer 413 to a request whose body is too long, and read no more of it."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        n_bytes = 0

        async def limited():
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > MAXIMUM_BYTES:
                raise HTTPException(413, f"more than {MAXIMUM_BYTES:,} bytes")
            return message

        await self.app(scope, limited, send)


class Measure:
    """Count requests and measure how long they take."""

    def __init__(self, app, requests, seconds, paths):
        self.app, self.paths = app, paths
        self.requests, self.seconds = requests, seconds

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        # A label for each path that anybody tries would grow without end.
        path = scope["path"] if scope["path"] in self.paths else "other"
        started = time.perf_counter()

        async def counted(message):
            if message["type"] == "http.response.start":
                self.requests.labels(path, message["status"]).inc()
            await send(message)

        try:
            return await self.app(scope, receive, counted)
        finally:
            self.seconds.labels(path).observe(time.perf_counter() - started)


def open_image(content):
    """Open the bytes of an image file; its pixels are decoded later."""
    try:
        return Image.open(io.BytesIO(content))
    except UnidentifiedImageError as error:
        raise HTTPException(422, "this is no image that Pillow can read") from error
    except Image.DecompressionBombError as error:
        raise HTTPException(422, f"more than {MAXIMUM_PIXELS:,} pixels") from error


def read_digits(reader, images):
    """Read images, one digit each."""
    try:
        probabilities = reader.predict_proba(images)
    except (ValueError, OSError) as error:
        raise HTTPException(422, str(error)) from error
    labels = reader.classes_.tolist()
    return [
        {"digit": labels[row.argmax()], "confidence": round(float(row.max()), 4)}
        for row in probabilities
    ]


def create_app(model=None):
    """Make the service for a model's file, by default the one that MODEL names."""
    reader = joblib.load(model or os.environ["MODEL"])
    Image.MAX_IMAGE_PIXELS = MAXIMUM_PIXELS // 2  # Pillow refuses twice as many
    registry = CollectorRegistry()
    images_read = Counter("images_read", "Images read.", registry=registry)
    requests = Counter("requests", "Requests.", ["path", "status"], registry=registry)
    seconds = Histogram(
        "request_seconds", "Time of a request.", ["path"], registry=registry
    )
    cores = anyio.CapacityLimiter(os.cpu_count() or 1)

    async def answer(images):
        readings = await anyio.to_thread.run_sync(
            read_digits, reader, images, limiter=cores, abandon_on_cancel=True
        )
        images_read.inc(len(readings))
        return readings

    def in_time(endpoint):
        async def limited(request):
            try:
                with anyio.fail_after(MAXIMUM_SECONDS):
                    return JSONResponse(await endpoint(request))
            except TimeoutError as error:
                message = f"took longer than {MAXIMUM_SECONDS} s"
                raise HTTPException(503, message) from error

        return limited

    async def read(request):
        (reading,) = await answer([open_image(await request.body())])
        return reading

    async def read_batch(request):
        async with request.form(max_files=MAXIMUM_IMAGES, max_fields=0) as form:
            files = form.getlist("image")
            if not files:
                raise HTTPException(422, "a batch is a form with files named image")
            images = [open_image(await file.read()) for file in files]
        return {"readings": await answer(images)}

    async def health(request):
        return JSONResponse({"status": "ready"})

    async def metrics(request):
        return PlainTextResponse(generate_latest(registry))

    async def explain(request, error):
        return JSONResponse({"error": error.detail}, status_code=error.status_code)

    routes = [
        Route("/read", in_time(read), methods=["POST"]),
        Route("/read-batch", in_time(read_batch), methods=["POST"]),
        Route("/health", health),
        Route("/metrics", metrics),
    ]
    paths = {route.path for route in routes}
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Measure, requests=requests, seconds=seconds, paths=paths),
            Middleware(LimitBytes),
        ],
        exception_handlers={HTTPException: explain},
    )
