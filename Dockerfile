# syntax=docker/dockerfile:1
# The agent in a container: docker build -t parapet . && docker run -v ./parapet.yaml:/etc/parapet.yaml:ro -v parapet:/var/lib/parapet parapet

FROM node:24-bookworm-slim AS build
# For better-sqlite3, where no binary of it can be fetched.
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build-kernels.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# ffmpeg decodes and cuts; the fonts write on the pictures (fonts-noto-cjk may be added for names in Chinese).
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg fontconfig fonts-dejavu-core tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --create-home --home-dir /var/lib/parapet parapet
WORKDIR /opt/parapet
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE README.md CHANGELOG.md ./
COPY config config
COPY models models
COPY scripts/scenes scripts/scenes
RUN ln -s /opt/parapet/dist/main.js /usr/local/bin/parapet
USER parapet
VOLUME /var/lib/parapet
# Where relative paths of the config begin: models lie in /var/lib/parapet/models.
WORKDIR /var/lib/parapet
# The C library keeps freed memory apart for every thread; two such heaps instead of a dozen keep an agent some 40 MB smaller.
ENV NODE_ENV=production PARAPET_DATA_DIR=/var/lib/parapet MALLOC_ARENA_MAX=2
EXPOSE 8787
# Healthy: every camera online and the database writable. The console listens inside the container only, unless
# console.host says otherwise.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--", "parapet"]
CMD ["run", "-c", "/etc/parapet.yaml"]
