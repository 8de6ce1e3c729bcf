#!/usr/bin/env bash
# Builds the contracts to artifacts/<name>.wasm, with artifacts/checksums.txt beside them.
#
#   scripts/build-wasm.sh [contract ...]          default: all five
#   WASM_TOOLCHAIN=rustup|debian                  default: rustup where it can install rust-src
#
# docs/wasm.md says why the standard library is built too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly BINARYEN=132
readonly MAX_BYTES=$((800 * 1024))
readonly TARGET_DIR=target/wasm
readonly TOOLS_DIR=target/tools

contracts=("$@")
[ $# -gt 0 ] || contracts=(deleverage-queue insurance-fund perp-lens perp-market price-feed)

die() {
    echo "build-wasm: $*" >&2
    exit 1
}

apt_install() {
    local run=()
    [ "$(id -u)" -eq 0 ] || run=(sudo)
    # A parallel build may hold the lock for a while.
    run+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
    "${run[@]}" update >/dev/null
    "${run[@]}" install -y --no-install-recommends "$@" >/dev/null
}

use_rustup() {
    command -v rustup >/dev/null || return 1
    rustup component list --installed | grep -qx rust-src ||
        rustup component add rust-src >/dev/null 2>&1 || return 1
    cargo=(cargo)
    rustc=$(rustup which rustc)
    linker=
}

# Debian's second toolchain. It ships no linker for wasm: rustup's is the newest one around, and
# the package `lld` serves where there is no rustup.
use_debian() {
    [ -x /usr/bin/cargo ] && [ -d "$(debian_source)" ] ||
        apt_install rustc-web cargo-web rust-web-src || return 1
    cargo=(/usr/bin/cargo)
    rustc=/usr/bin/rustc
    linker=$(rustup_lld || command -v wasm-ld || true)
    if [ -z "$linker" ]; then
        apt_install lld || return 1
        linker=$(command -v wasm-ld)
    fi
}

debian_source() {
    echo "$(/usr/bin/rustc --print sysroot 2>/dev/null || true)/lib/rustlib/src/rust/library"
}

rustup_lld() {
    local found
    command -v rustup >/dev/null || return 1
    found=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld -type f -perm -u+x | head -n 1)
    [ -n "$found" ] && echo "$found"
}

choose_toolchain() {
    case "${WASM_TOOLCHAIN:-}" in
    rustup) use_rustup || die "rustup cannot install rust-src here" ;;
    debian) use_debian || die "the packages rustc-web, cargo-web and rust-web-src are not to be had" ;;
    "") use_rustup || use_debian || die "no toolchain with the sources of the standard library" ;;
    *) die "WASM_TOOLCHAIN is rustup or debian, not '$WASM_TOOLCHAIN'" ;;
    esac
    echo "toolchain: $("$rustc" --version)${linker:+, linker $(basename "$linker")}"
}

# Any other version gives other bytes, so that nobody could compare checksums.
choose_wasm_opt() {
    wasm_opt=wasm-opt
    "$wasm_opt" --version 2>/dev/null | grep -q "version $BINARYEN\b" && return
    wasm_opt=$TOOLS_DIR/node_modules/.bin/wasm-opt
    "$wasm_opt" --version 2>/dev/null | grep -q "version $BINARYEN\b" && return
    command -v npm >/dev/null || die "needs wasm-opt $BINARYEN, or npm to install it"
    mkdir -p "$TOOLS_DIR"
    npm install --silent --no-audit --no-fund --no-save --prefix "$TOOLS_DIR" "binaryen@$BINARYEN.0.0"
}

# Joined by 0x1f, because a path may contain spaces. The sources must be fetched before: the name of
# their folder differs between registries and would stay in the panic messages.
encoded_rustflags() {
    local sysroot flags crates
    sysroot=$("$rustc" --print sysroot)
    flags=(
        -C target-cpu=mvp
        -C link-arg=-s
        # Rust 1.96 stopped passing it, and each import of the VM is an undefined symbol.
        -C link-arg=--allow-undefined
        "--remap-path-prefix=$(realpath -m "$sysroot/lib/rustlib/src/rust")=/rust"
        "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rust"
        "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
        "--remap-path-prefix=$PWD=/cw-perps"
    )
    for crates in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
        flags+=("--remap-path-prefix=$crates=/crates")
    done
    [ -z "$linker" ] || flags+=(-C "linker=$linker")
    local IFS=$'\x1f'
    echo "${flags[*]}"
}

# One contract per call of cargo: a workspace build would unify the features of all of them.
build() {
    local name=$1 file=${1//-/_}.wasm
    env -u RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTC="$rustc" CARGO_ENCODED_RUSTFLAGS="$rustflags" \
        "${cargo[@]}" build --locked --quiet --profile wasm --package "$name" --lib \
        --target wasm32-unknown-unknown --target-dir "$TARGET_DIR" -Zbuild-std=std,panic_abort
    "$wasm_opt" -Os --signext-lowering "$TARGET_DIR/wasm32-unknown-unknown/wasm/$file" \
        -o "artifacts/$file"
    check_artifact "artifacts/$file"
}

check_artifact() {
    local bytes
    bytes=$(stat -c %s "$1")
    printf '%8d bytes  %s\n' "$bytes" "$1"
    [ "$bytes" -le "$MAX_BYTES" ] || die "$1 is over $MAX_BYTES bytes, which a chain refuses"
    ! grep -aqF -e "$HOME/" -e "$PWD" "$1" || die "$1 contains a path of this machine"
}

choose_toolchain
choose_wasm_opt
"${cargo[@]}" fetch --locked --quiet
rustflags=$(encoded_rustflags)
mkdir -p artifacts
for contract in "${contracts[@]}"; do
    build "$contract"
done
(cd artifacts && sha256sum -- *.wasm | LC_ALL=C sort -k 2 >checksums.txt)
cat artifacts/checksums.txt
