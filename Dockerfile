# A unit of Natter for DATABASE_URL and NATS_URL that you run: see docs/operations.md.

# The front-end packages by their lock file; there is nothing to build.
FROM node:22-slim AS packages
WORKDIR /natter
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

# The Python packages, by their hashes.
FROM python:3.11-slim AS requirements
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock

FROM python:3.11-slim
RUN useradd --system --user-group --home-dir /natter --shell /usr/sbin/nologin natter \
    && install --directory --owner=natter --group=natter /var/lib/natter
WORKDIR /natter
COPY --from=requirements /venv /venv
COPY --from=packages /natter/node_modules node_modules
COPY app app
COPY bus bus
COPY unit unit
COPY static static
COPY templates templates
USER natter
ENV PYTHONPATH=/natter \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/var/lib/natter
EXPOSE 8000
# "docker stop" waits 10 seconds unless told otherwise; a unit needs up to 20: use --stop-timeout 25.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/venv/bin/python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
# What bin/run becomes once everything is installed.
CMD ["/venv/bin/python", "-P", "-m", "unit.run"]
