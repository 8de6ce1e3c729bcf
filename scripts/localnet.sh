#!/usr/bin/env bash
# A chain on this machine: wasmd with one validator, everything on 127.0.0.1.
#
#   scripts/localnet.sh up [--fresh]   start it (--fresh: from block 1, with new keys)
#   scripts/localnet.sh status         height and addresses
#   scripts/localnet.sh stop           kill -9 the node, keep its data
#   scripts/localnet.sh start          start it again on its data
#   scripts/localnet.sh down           stop it and remove its data, keep the built program
#   scripts/localnet.sh test           the whole story on a fresh chain, then down
#   scripts/localnet.sh wasmd ...      the wasmd command line, against this chain and its keys
#
# docs/localnet.md lists the settings and says what is where.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly repo module=$repo/scripts/localnet
# Absolute, because the node and the tests run in other folders.
LOCALNET_HOME=$(realpath -m "${LOCALNET_HOME:-${TMPDIR:-/tmp}/perps-localnet}")
export LOCALNET_HOME
readonly bin=$LOCALNET_HOME/bin node=$LOCALNET_HOME/.wasmd keys=$LOCALNET_HOME/keys
readonly log=$LOCALNET_HOME/node.log pid_file=$LOCALNET_HOME/node.pid

readonly chain_id=perps-local-1
readonly prefix=wasm stake=ustake margin=uusdc
readonly rpc_port=${LOCALNET_RPC_PORT:-26657} rest_port=${LOCALNET_REST_PORT:-1317}
readonly grpc_port=${LOCALNET_GRPC_PORT:-9090} p2p_port=${LOCALNET_P2P_PORT:-26656}
readonly voting_period=${LOCALNET_VOTING_PERIOD:-10s} timeout_commit=${LOCALNET_TIMEOUT_COMMIT:-500ms}
readonly gas_price=${LOCALNET_GAS_PRICE:-0.0001$stake} block_gas=${LOCALNET_BLOCK_GAS:-100000000}
readonly query_gas=${LOCALNET_QUERY_GAS:-3000000}
readonly patience=${LOCALNET_PATIENCE:-60}

say() {
    echo "localnet: $*"
}

die() {
    echo "localnet: $*" >&2
    exit 1
}

# ---- the programs

# What the built programs depend on. Without the version of Go, so that a cached program needs no Go.
built_from() {
    cat "$module/go.mod" "$module/go.sum" "$module"/setup/*.go | sha256sum | cut -d ' ' -f 1
}

need_go() {
    local want have cc
    want=$(sed -n 's/^go //p' "$module/go.mod")
    command -v go >/dev/null || die "needs Go $want or newer to build wasmd, and there is no 'go' here (https://go.dev/dl)"
    # Inside the module, where Go fetches the newer toolchain by itself if it is allowed to.
    have=$(cd "$module" && go env GOVERSION 2>/dev/null) || have="an older one"
    printf '%s\n' "$want" "${have#go}" | sort -CV ||
        die "needs Go $want or newer to build wasmd, and finds $have (https://go.dev/dl)"
    cc=$(go env CC)
    command -v "${cc%% *}" >/dev/null || die "needs a C compiler to build wasmd, and there is no '$cc' here"
}

build() {
    [ "$(cat "$bin/built-from" 2>/dev/null)" != "$(built_from)" ] || return 0
    need_go
    say "building wasmd (the first time: some minutes, and some hundred MB to download)"
    mkdir -p "$bin"
    local sdk=github.com/cosmos/cosmos-sdk/version version
    version=$(sed -n 's|.*github.com/CosmWasm/wasmd v\([^ ]*\).*|\1|p' "$module/go.mod")
    # $ORIGIN is for the dynamic linker: the library lies beside the program.
    (cd "$module" && CGO_ENABLED=1 go build -mod=readonly -trimpath -tags netgo -o "$bin/" -ldflags "
        -s -w -X $sdk.Name=wasm -X $sdk.AppName=wasmd -X $sdk.Version=$version
        -X github.com/CosmWasm/wasmd/app.Bech32Prefix=$prefix -extldflags -Wl,-rpath,\$ORIGIN
    " github.com/CosmWasm/wasmd/cmd/wasmd ./setup) >"$LOCALNET_HOME/build.log" 2>&1 || {
        tail -n 20 "$LOCALNET_HOME/build.log" >&2
        die "building wasmd failed; all of its output is in $LOCALNET_HOME/build.log"
    }
    copy_vm
    built_from >"$bin/built-from"
    say "built wasmd $version in $SECONDS s"
}

# Out of the module cache, which somebody may clean.
copy_vm() {
    local from
    from=$(cd "$module" && go list -mod=readonly -m -f '{{.Dir}}' github.com/CosmWasm/wasmvm/v3)
    install -m 755 "$from/internal/api/libwasmvm.$(uname -m).so" "$bin/"
}

# wasmd also touches the `.wasmd` of HOME when it is given another one, and reads client.toml only there.
run_wasmd() {
    HOME=$LOCALNET_HOME TMPDIR=$LOCALNET_HOME/tmp "$bin/wasmd" "$@"
}

# ---- the process

# The id of our node, if it runs. A left-over file may name a process that is somebody else's by now.
node_pid() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] || return 1
    case $(command_line "$pid") in
    *"wasmd start --home $node "*) echo "$pid" ;;
    *) return 1 ;;
    esac
}

command_line() {
    if [ -d /proc/self ]; then
        # Empty for a process that is dead and not yet reaped.
        { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true
    else
        ps -o args= -p "$1" 2>/dev/null || true
    fi
}

# The node answers plain HTTP, so that neither curl nor jq is needed.
http_get() {
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
    timeout 5 cat <&3
    exec 3>&-
}

# Only of our chain: something else may answer on that port.
height() {
    local answer
    answer=$(http_get "$rpc_port" /status 2>/dev/null) || return 1
    case $answer in *"\"network\":\"$chain_id\""*) ;; *) return 1 ;; esac
    echo "$answer" | sed -n 's/.*"latest_block_height":"\([0-9]*\)".*/\1/p'
}

rest_answers() {
    http_get "$rest_port" /cosmos/base/tendermint/v1beta1/node_info 2>/dev/null | grep -q "$chain_id"
}

# A few blocks after the first one seen, because a node that is replaying answers too.
wait_for_block() {
    local deadline=$((SECONDS + patience)) first='' now
    say "waiting for a block and for the REST server (at most $patience s)"
    while [ $SECONDS -lt $deadline ]; do
        node_pid >/dev/null || fail_with_log "the node has ended"
        now=$(height || true)
        if [ "${now:-0}" -gt 0 ]; then
            first=${first:-$now}
            if [ "$now" -gt "$first" ] && rest_answers; then
                say "block $now"
                return
            fi
        fi
        sleep 0.2
    done
    fail_with_log "no new block in $patience s"
}

fail_with_log() {
    echo "--- the end of $log" >&2
    tail -n 30 "$log" >&2
    die "$1"
}

is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

need_free_ports() {
    local name port
    for name in RPC REST GRPC P2P; do
        port=${name,,}_port
        port=${!port}
        # A node that was killed a moment ago may still have it.
        for _ in {1..50}; do
            is_taken "$port" || break
            sleep 0.1
        done
        ! is_taken "$port" ||
            die "port $port is taken by another program: stop it, or set LOCALNET_${name}_PORT"
    done
}

# All settings of the node in one place: flags, and variables for what has no flag.
launch() {
    need_free_ports
    describe
    say "starting the node"
    WASMD_CONSENSUS_TIMEOUT_COMMIT=$timeout_commit \
        WASMD_RPC_MAX_BODY_BYTES=4000000 \
        HOME=$LOCALNET_HOME TMPDIR=$LOCALNET_HOME/tmp \
        nohup "$bin/wasmd" start --home "$node" \
        --rpc.laddr "tcp://127.0.0.1:$rpc_port" --rpc.pprof_laddr "" \
        --p2p.laddr "tcp://127.0.0.1:$p2p_port" --p2p.pex=false \
        --api.enable --api.address "tcp://127.0.0.1:$rest_port" --api.rpc-max-body-bytes 4000000 \
        --grpc.enable --grpc.address "127.0.0.1:$grpc_port" \
        --minimum-gas-prices "$gas_price" --wasm.query_gas_limit "$query_gas" \
        >>"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
    # Its end is no news of the shell.
    disown
    # Until it has become wasmd it does not look like our node.
    for _ in {1..20}; do
        ! node_pid >/dev/null || break
        sleep 0.1
    done
    wait_for_block
}

# ---- the chain

# `ready` is written last: without it, a first start was broken off and is done again.
make_chain() {
    remove_data
    say "making chain $chain_id with new keys"
    local setup_log=$LOCALNET_HOME/setup.log
    create_chain >"$setup_log" 2>&1 || {
        tail -n 20 "$setup_log" >&2
        die "making the chain failed"
    }
    touch "$node/ready"
}

# With && because its caller asks for the result, where `set -e` does nothing.
create_chain() {
    run_wasmd init local --chain-id "$chain_id" --default-denom "$stake" --home "$node" &&
        client_config &&
        "$bin/setup" --home "$node" --keys "$keys" --voting-period "$voting_period" --block-gas "$block_gas" &&
        run_wasmd genesis gentx validator "50000000000000$stake" --chain-id "$chain_id" --keyring-backend test &&
        run_wasmd genesis collect-gentxs &&
        run_wasmd genesis validate
}

client_config() {
    cat >"$node/config/client.toml" <<TOML
chain-id = "$chain_id"
keyring-backend = "test"
output = "json"
node = "tcp://127.0.0.1:$rpc_port"
broadcast-mode = "sync"
TOML
}

# For clients: where the chain is and what it costs.
describe() {
    client_config
    cat >"$LOCALNET_HOME/chain.json" <<JSON
{
  "chain_id": "$chain_id",
  "rpc": "http://127.0.0.1:$rpc_port",
  "rest": "http://127.0.0.1:$rest_port",
  "grpc": "http://127.0.0.1:$grpc_port",
  "address_prefix": "$prefix",
  "fee_denom": "$stake",
  "margin_denom": "$margin",
  "gas_price": "${gas_price%"$stake"}",
  "voting_period": "$voting_period",
  "keys": "$keys",
  "wasmd": "$bin/wasmd",
  "home": "$LOCALNET_HOME"
}
JSON
}

remove_data() {
    rm -rf "$node" "$keys" "$log" "$pid_file" "$LOCALNET_HOME/setup.log" "$LOCALNET_HOME/chain.json"
}

# Sends the signal $1 and waits until the process is gone.
end_node() {
    local pid deadline=$((SECONDS + 20))
    pid=$(node_pid) || return 1
    kill "-$1" "$pid" 2>/dev/null || true
    while node_pid >/dev/null; do
        [ $SECONDS -lt $deadline ] || return 2
        sleep 0.1
    done
    rm -f "$pid_file"
}

# ---- the commands

up() {
    case ${1:-} in
    '') ;;
    --fresh) down ;;
    *) die "up knows only --fresh, not '$1'" ;;
    esac
    mkdir -p "$LOCALNET_HOME/tmp"
    build
    if node_pid >/dev/null; then
        say "already running"
        wait_for_block
    else
        [ -f "$node/ready" ] || make_chain
        launch
    fi
    status
}

start() {
    [ -f "$node/ready" ] || die "there is no chain in $LOCALNET_HOME yet: use up"
    ! node_pid >/dev/null || die "already running"
    launch
}

stop() {
    end_node KILL || die "not running"
    say "killed the node; its data is kept"
}

down() {
    local code=0
    end_node TERM || code=$?
    if [ $code -eq 2 ]; then
        say "the node does not end by itself: killing it"
        end_node KILL || die "the node does not even end when killed"
    fi
    remove_data
    say "down; nothing is left in $LOCALNET_HOME but the built programs"
}

status() {
    local pid now
    pid=$(node_pid) || die "not running"
    now=$(height) || die "process $pid runs, but does not answer on port $rpc_port"
    cat <<TEXT
chain    $chain_id, height $now, process $pid
RPC      http://127.0.0.1:$rpc_port
REST     http://127.0.0.1:$rest_port
gRPC     http://127.0.0.1:$grpc_port
keys     $keys
log      $log
by hand  scripts/localnet.sh wasmd query bank balances alice
TEXT
}

# The end of a test, good or bad.
finish_test() {
    local code=$?
    trap - EXIT
    if [ $code -ne 0 ] && [ -f "$log" ]; then
        local copy=${LOCALNET_FAILED_LOG:-$repo/target/localnet-node.log}
        mkdir -p "$(dirname "$copy")"
        cp "$log" "$copy"
        say "failed; the log of the node is in $copy" >&2
    fi
    down || true
    exit $code
}

run_test() {
    cd "$repo"
    local contract missing
    missing=()
    for contract in contracts/*/; do
        contract=$(basename "$contract")
        [ -f "artifacts/${contract//-/_}.wasm" ] || missing+=("$contract")
    done
    [ ${#missing[@]} -eq 0 ] || scripts/build-wasm.sh
    # Without --release: it waits for blocks, and its dependencies are those of the tests.
    cargo build --locked -p perps-localnet -p perps-chain
    trap finish_test EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    up --fresh
    cargo run --locked -p perps-localnet -- --home "$LOCALNET_HOME" --out localnet.json
}

case ${1:-} in
up) up "${2:-}" ;;
start | stop | down | status) "$1" ;;
wasmd)
    shift
    run_wasmd "$@"
    ;;
test) run_test ;;
*)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
    exit 2
    ;;
esac
