# Carillon in a container. docker-compose.yml brings it up with everything it needs; docs/deploy.md tells about both.

# The packages apart from the rest, so that a change of the source does not fetch them again.
FROM node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553 AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# What only development needs stays out. So does what is optional: a Node and a PostgreSQL, for machines that have none; here the image has the one, and
# DATABASE_URL leads to the other.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553
# The number is the same as in docker-compose.yml: FreeSWITCH runs as this user too, and so each can read what the other writes.
RUN groupadd --gid 10001 carillon \
  && useradd --uid 10001 --gid carillon --no-create-home --home-dir /var/lib/carillon --shell /usr/sbin/nologin carillon \
  && install -d -o carillon -g carillon -m 0750 /var/lib/carillon/state /var/lib/carillon/prompts /var/lib/carillon/recordings \
  && ln -s /app/scripts/carillon.cjs /usr/local/bin/carillon
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY scripts scripts
COPY freeswitch freeswitch
COPY ivr-scripts ivr-scripts
COPY strategies strategies
COPY src src

ENV NODE_ENV=production \
  CARILLON_DATABASE_DATA_DIR=/var/lib/carillon/state \
  CARILLON_PROMPTS_DIR=/var/lib/carillon/prompts \
  CARILLON_VOICE_RECORDINGS_DIR=/var/lib/carillon/recordings
USER 10001:10001

# Ready is whoever can place calls. Docker only notes it; whoever watches the container decides.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CARILLON_API_PORT ?? 8080}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# SIGTERM: no new calls, and people on the line may finish, for two minutes. Give it that time: docker stop --time 150.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/src/cli.ts"]
CMD ["serve"]
