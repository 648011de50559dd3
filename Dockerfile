# The reference server; the arguments choose the services: docker run IMAGE --roles gateway
# docs/kubernetes/images.md tells how it is built and what is in it.

# To build from the very same base another time, name it by its digest: --build-arg NODE_IMAGE=node:...@sha256:...
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
FROM ${NODE_IMAGE} AS node

# What npm decides by. While these files stay the same, so does what is installed.
FROM node AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/budget/package.json packages/budget/
COPY packages/cli/package.json packages/cli/
COPY packages/core/package.json packages/core/
COPY packages/governance/package.json packages/governance/
COPY packages/messaging/package.json packages/messaging/
COPY packages/sandbox/package.json packages/sandbox/
COPY internal/testkit/package.json internal/testkit/
COPY examples/reference-server/package.json examples/reference-server/

# What the server needs when it runs, by the lockfile: `optional` are other means of its packages, such as for tests. None of
# them runs a script of its own. The secrets `npmrc` and `authorities` say where packages come from, for those who have a
# registry of their own; both may be left out. Every file gets one time, so that the same inputs give the same files.
FROM manifests AS dependencies
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc --mount=type=secret,id=authorities \
    NPM_CONFIG_USERCONFIG=/run/secrets/npmrc \
    npm ci --omit=dev --omit=optional --ignore-scripts --workspace=@golden-arch/reference-server \
 && rm -r node_modules/.package-lock.json .npmrc internal \
 && chmod -R u=rwX,go=rX . \
 && find . -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

# The list of what that is.
FROM dependencies AS bill
COPY tools/write-sbom.ts tools/
RUN node tools/write-sbom.ts /sbom.cdx.json

# The pages of the console.
FROM manifests AS console
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc --mount=type=secret,id=authorities \
    NPM_CONFIG_USERCONFIG=/run/secrets/npmrc \
    npm ci --ignore-scripts --workspace=@golden-arch/reference-server
COPY tsconfig.base.json ./
COPY examples/reference-server/console examples/reference-server/console
RUN npm run console:build --workspace=@golden-arch/reference-server

# The system's own files.
FROM node AS files
WORKDIR /app
COPY LICENSE ./
COPY migrations migrations
COPY packages packages
COPY examples/reference-server/demo examples/reference-server/demo
COPY examples/reference-server/src examples/reference-server/src
COPY tools/compile-server.ts tools/health-check.ts tools/migrate.ts tools/
COPY --from=console /app/examples/reference-server/console/dist examples/reference-server/console/dist
COPY --from=bill /sbom.cdx.json ./
ARG SOURCE_DATE_EPOCH=0
RUN chmod -R u=rwX,go=rX . \
 && find . -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM node AS server
ARG SOURCE_DATE_EPOCH=0
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share/doc /usr/local/share/man /opt/yarn* \
    /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && echo 'golden:x:10001:10001::/app:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'golden:x:10001:' >> /etc/group \
 && touch --date="@${SOURCE_DATE_EPOCH}" /etc/passwd /etc/group
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=files /app ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 METRICS_PORT=9464
EXPOSE 8000 9464
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=6 CMD ["node", "tools/health-check.ts"]
ENTRYPOINT ["node", "--conditions=golden-arch-source", "examples/reference-server/src/main.ts"]
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="Golden Architecture: reference server" \
      org.opencontainers.image.description="Guard rails for LLM agents: budgets, sandboxes, governance, messaging." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      golden-architecture.sbom="/app/sbom.cdx.json"

# The same with what Node compiles of it: it starts with half the work, and is never twice the same. Built by --target warm.
FROM server AS compiled
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN node --conditions=golden-arch-source tools/compile-server.ts && chmod -R go=rX "$NODE_COMPILE_CACHE"

FROM server AS warm
COPY --from=compiled --chown=0:0 /tmp/compiled .compiled
ENV NODE_COMPILE_CACHE=/app/.compiled

# What is built where no target is named.
FROM server
