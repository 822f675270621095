# ParkNet in a container. Not run here: where this was written there is no container engine; a test reads it.
# The MongoDB that comes with the package is for one machine: in a container PARKNET_MONGODB_URI says where the database is.
FROM python:3.11-slim-bookworm AS construccion
WORKDIR /parknet
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /parknet parknet
WORKDIR /parknet
COPY --from=construccion /venv /venv
COPY main.py ./
COPY app ./app
# Only this folder is written to: the root may be read-only.
VOLUME /datos
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PARKNET_ENV=prod PARKNET_HOST=0.0.0.0 PARKNET_DATA_DIR=/datos
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=70s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["python", "main.py"]
