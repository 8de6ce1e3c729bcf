#!/usr/bin/env bash
# Runs `cosmwasm-check`, the gate a chain's own virtual machine gives, on the built contracts.
#
#   scripts/check-wasm.sh [file ...]              default: artifacts/*.wasm
set -euo pipefail
files=()
[ $# -eq 0 ] || mapfile -t files < <(realpath -- "$@")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VERSION=3.0.10
readonly TOOLS_DIR=target/tools
readonly CHECK=$TOOLS_DIR/bin/cosmwasm-check

# Without optimisation: it runs for a second, and compiling the compiler in it takes minutes.
if ! "$CHECK" --version 2>/dev/null | grep -q " $VERSION$"; then
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --quiet --force \
        --root "$TOOLS_DIR" --target-dir "$TOOLS_DIR/build" "cosmwasm-check@$VERSION"
fi

[ ${#files[@]} -gt 0 ] || files=(artifacts/*.wasm)
[ -e "${files[0]}" ] || {
    echo "check-wasm: nothing built; run scripts/build-wasm.sh first" >&2
    exit 1
}
"$CHECK" "${files[@]}"
