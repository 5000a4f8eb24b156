#!/bin/sh
# Makes a base image of this machine's own C library, for machines that can pull nothing: what
# BINARY (dist/phi) is linked against, the certificates, and /tmp. Needs no network.
#
#     docker/local_base.sh [IMAGE] [BINARY]
#
# IMAGE is phi-base:local if not given. Goes with `docker build --target prebuilt --build-arg BASE=IMAGE .`
set -eu
cd "$(dirname "$0")/.."
image=${1:-phi-base:local}
binary=${2:-dist/phi}

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$root/etc/ssl/certs" "$root/tmp"
chmod 1777 "$root/tmp"
echo 'nonroot:x:65532:65532:nonroot:/data:/sbin/nologin' >"$root/etc/passwd"
echo 'nonroot:x:65532:' >"$root/etc/group"

# Each as a file of its own at the path where the loader looks for it.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
certificates=/etc/ssl/certs/ca-certificates.crt
[ ! -e $certificates ] || cp -L $certificates "$root$certificates"

tar -C "$root" --owner=0 --group=0 -cf - . | docker import - "$image" >/dev/null
echo "$image"
