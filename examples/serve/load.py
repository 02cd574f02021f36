"""Measure the service from a second process: requests per second, and their latency.

python load.py photo.png --connections 8 --seconds 10
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles


def send_until(deadline, host, path, body):
    """Send one request after another; return the seconds that each took."""
    connection = HTTPConnection(host, timeout=60)
    latencies = []
    while time.perf_counter() < deadline:
        started = time.perf_counter()
        connection.request("POST", path, body)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"the service answered {response.status}")
        latencies.append(time.perf_counter() - started)
    return latencies


def main():
    """Print a line of figures for one image, sent again and again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("--host", default="127.0.0.1:8000")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    started = time.perf_counter()
    job = (started + options.seconds, options.host, "/read", options.image.read_bytes())
    with ThreadPoolExecutor(options.connections) as threads:
        jobs = [threads.submit(send_until, *job) for _ in range(options.connections)]
        latencies = [seconds for job in jobs for seconds in job.result()]
    per_second = len(latencies) / (time.perf_counter() - started)
    percentiles = quantiles(latencies, n=100)
    figures = [f"p{p} {1000 * percentiles[p - 1]:.1f} ms" for p in (50, 95, 99)]
    print(f"{options.connections} connections: {per_second:.0f} requests/s,", *figures)


if __name__ == "__main__":
    main()
