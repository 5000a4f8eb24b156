# phi in a container: one file, no shell, not root.
#
#     docker build -t phi .                                    # Docker alone is enough
#     docker build -t phi --target prebuilt .                  # takes dist/phi, which `make build` makes
#
# Where nothing can be pulled, the second with `--build-arg BASE=...` needs no registry:
# docker/local_base.sh makes a base of the machine's own C library.

# A C library, its loader, certificates and a user: nothing else is in it. Pinned by its tag, which
# is that of Debian 12 and moves with Debian's security fixes; a digest would keep the holes.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
# The version that package.json names.
ARG BUN=oven/bun:1.4.5

# Everything but the binary.
FROM ${BASE} AS runtime
# A named volume that is empty takes over what is here, its owner too.
COPY --chown=65532:65532 docker/data /data
WORKDIR /data
VOLUME /data
USER 65532:65532
ENV PATH=/opt/phi HTTP_BIND=127.0.0.1:8000 DATA_DIR=/data
# The API, the peers, the metrics. Nothing of it is reachable from outside until HTTP_BIND (or
# --http-bind) says so.
EXPOSE 8000 7000 9000
# Asks the monitor of HTTP_BIND; another URL may be given.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["phi", "health"]
ENTRYPOINT ["phi"]

# The binary from outside. Stands before the compiler, so that a builder which goes through the
# stages one by one does not need that; and as a pattern it is allowed to be missing, as it is where
# Docker alone builds.
FROM runtime AS prebuilt
COPY LICENSE dist/ph[i] /opt/phi/

FROM ${BUN} AS compiler
WORKDIR /build
COPY package.json bun.lock bunfig.toml ./
# What is needed to run, not what is needed to test; no script of a package is run.
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY src src
COPY sim sim
# As in the Makefile, which says why.
RUN bun build --compile --root=src --sourcemap=linked \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
    --outfile=/out/phi src/main.ts src/bun/raft_storage/worker.ts src/bun/history_storage/worker.ts

FROM runtime AS phi
COPY LICENSE /opt/phi/
COPY --from=compiler /out/phi /opt/phi/phi
