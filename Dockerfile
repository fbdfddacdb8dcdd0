# Betony's programs in one image: web, worker and beat differ by their command only.
# Versions are the ones that CI runs; the lock pins everything else by hash.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/betony
COPY requirements.lock /tmp/requirements.lock
RUN /opt/betony/bin/pip install --require-hashes -r /tmp/requirements.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin betony \
 && install -d -o betony -g betony /srv/betony/var
COPY --from=build /opt/betony /opt/betony
WORKDIR /srv/betony
COPY manage.py ./
COPY config config
COPY clinic clinic
COPY realtime realtime
COPY reminders reminders
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/opt/betony/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production DEBUG=false CLINIC_VAR=/srv/betony/var
USER betony
EXPOSE 8000
CMD ["python", "-m", "realtime.server", "--host", "0.0.0.0", "--port", "8000"]
