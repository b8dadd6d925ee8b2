# Build the wheel, install it into a virtual environment, check its content, then copy only that.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY cards cards
COPY fhir_fixtures fhir_fixtures
COPY cds_service cds_service
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && python -m venv /opt/cds \
 && /opt/cds/bin/pip install --no-cache-dir /wheels/*.whl \
 && /opt/cds/bin/cds-service lint

FROM python:3.13-slim
COPY --from=build /opt/cds /opt/cds
ENV PATH=/opt/cds/bin:$PATH \
    HOST=0.0.0.0 \
    PORT=8080 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# No home, no shell, nothing to write: works with --read-only (gunicorn keeps its heartbeat files in /dev/shm).
USER 65532:65532
WORKDIR /
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=3)"]
ENTRYPOINT ["cds-service"]
CMD ["serve"]
