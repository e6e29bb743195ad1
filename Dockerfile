# The served product: the locked run-time packages, the code, collected static files, and a user without rights.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=footdrop.settings \
    FOOTDROP_VAR=/app/var

WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

RUN useradd --system --no-create-home --home-dir /app --shell /usr/sbin/nologin footdrop
COPY manage.py ./
COPY clinics clinics
COPY exams exams
COPY footdrop footdrop
COPY localization localization
COPY static static
COPY templates templates

# Collecting needs settings but no clinic: the keys of this one step are thrown away with it.
RUN mkdir var \
    && FOOTDROP_DEMO=1 FOOTDROP_VAR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && mv /tmp/build/static var/static \
    && rm -rf /tmp/build \
    && chown -R footdrop var

USER footdrop
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
    CMD ["python", "-m", "footdrop.healthcheck"]

# One worker is one process; threads share it while a database or a PDF keeps it waiting.
CMD ["gunicorn", "footdrop.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
