#!/bin/sh
# One machine of a cluster, until it is ended (Ctrl-C, or SIGTERM):
#     ./node.sh head             on the first machine; it says the address for the others
#     ./node.sh join HOST:6379   on each of the others
# CPUS=N offers that many processors (all), PORT=N is where the first machine listens (6379). `ray` must be in PATH: activate the environment.
set -eu

export RAY_USAGE_STATS_ENABLED=0 # it would tell its makers
# Said outright: what Ray does otherwise depends on whether a token lies in the home directory. `token` wants the same one on every machine.
export RAY_AUTH_MODE="${RAY_AUTH_MODE:-disabled}"
cpus=${CPUS:+--num-cpus $CPUS}

case "${1:-}" in
head) exec ray start --head --port "${PORT:-6379}" --include-dashboard false $cpus --block ;;
join) exec ray start --address "${2:?the address of the head, HOST:PORT}" $cpus --block ;;
*)
    echo "usage: $0 head | join HOST:PORT" >&2
    exit 2
    ;;
esac
