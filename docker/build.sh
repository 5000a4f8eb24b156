#!/bin/sh
# Builds the image for the demo and for the tests: on Linux from dist/phi and this machine's own C
# library, which takes seconds and no network; elsewhere as the Dockerfile says, compiler and all.
#
#     docker/build.sh [IMAGE]
#
# IMAGE is phi:demo if not given, which is what docker-compose.yml takes.
set -eu
cd "$(dirname "$0")/.."
image=${1:-phi:demo}

if [ "$(uname -s)" = Linux ] && [ -x dist/phi ]; then
	base=$(docker/local_base.sh)
	docker build --quiet --tag "$image" --target prebuilt --build-arg BASE="$base" . >/dev/null
else
	docker build --quiet --tag "$image" . >/dev/null
fi
echo "$image"
