#!/bin/sh
# Puts libopus.wasm beside this script, from the npm package opus-encdec.
# Needs npm, tar and sha256sum (or shasum); does nothing if the file is there.
set -eu

package=opus-encdec@0.1.1
tarball_sha256=703f748c978effd9cfd69cde759091bcaaad5e7e1050f4b2dfce12794c905be0
member=package/dist/libopus-encoder.wasm.min.wasm
wasm_sha256=cc10c6cbecef1d8301fda4a124115e56abed491af368813f1706f8c3ca8962e9

cd "$(dirname "$0")"

sha256() {
	if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

check() {
	got=$(sha256 "$1")
	if [ "$got" != "$2" ]; then
		echo "fetch.sh: $1 has the digest $got, not $2" >&2
		exit 1
	fi
}

if [ -f libopus.wasm ] && [ "$(sha256 libopus.wasm)" = "$wasm_sha256" ]; then
	exit 0
fi
if ! command -v npm >/dev/null; then
	echo "fetch.sh: npm is needed to fetch $package" >&2
	exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && npm pack --silent --ignore-scripts "$package" >/dev/null)
check "$dir/opus-encdec-0.1.1.tgz" "$tarball_sha256"
tar -xzf "$dir/opus-encdec-0.1.1.tgz" -C "$dir" "$member"
check "$dir/$member" "$wasm_sha256"
mv "$dir/$member" libopus.wasm
