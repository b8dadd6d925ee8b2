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
 && /opt/cds/bin/cds-service lint \
 && mkdir /state

FROM python:3.13-slim
COPY --from=build /opt/cds /opt/cds
# The one place that is written: the SQLite store, unless DATABASE_URL names another one.
COPY --from=build --chown=65532:65532 --chmod=0700 /state /var/lib/emg-ncs-cds
VOLUME ["/var/lib/emg-ncs-cds"]
# TMPDIR: shared memory can be written even with --read-only, so nothing need be mounted for the metrics.
ENV PATH=/opt/cds/bin:$PATH \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATABASE_URL=sqlite:////var/lib/emg-ncs-cds/store.sqlite3 \
    TMPDIR=/dev/shm \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A user without a home: it starts only with CDS_TRUST_REGISTRY, or with CDS_OPEN_ACCESS=1 said by name.
USER 65532:65532
WORKDIR /
EXPOSE 8080
STOPSIGNAL SIGTERM
# Liveness, not readiness: a store that is away does not stop the cards, so it must not end the container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=3)"]
ENTRYPOINT ["cds-service"]
CMD ["serve"]
