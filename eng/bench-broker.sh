#!/usr/bin/env bash
# The embedded broker beside RabbitMQ (Debian's rabbitmq-server) and a counting listener, in one run. Starts and stops everything by itself, and prints the table of
# docs/performance.md with the version of RabbitMQ that was measured. Installs the peer if it is missing (Debian, as root or with sudo).
# Arguments go to the run:
#   eng/bench-broker.sh --messages 50000 --rounds 3
#   eng/bench-broker.sh --rabbitmq-root /var/tmp/debian-13    RabbitMQ 4 on an older Debian, after eng/rabbitmq-4.sh /var/tmp/debian-13
#   eng/bench-broker.sh --without-rabbitmq
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=eng/probe-feed.sh
. eng/probe-feed.sh
require_dotnet
probe_feed

if [ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && [[ " $*" != *" --rabbitmq-root"* && " $*" != *" --without-rabbitmq"* ]]; then
  command -v apt-get >/dev/null || fail "rabbitmq-server is missing: this script installs it on Debian and Ubuntu only."
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  say "Installing rabbitmq-server ..."
  # The package would start a server of its own; ours is started and stopped by the run.
  quietly env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get update
  quietly env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get install -y --no-install-recommends rabbitmq-server
fi

quietly dotnet build KedaJobs.ServiceBus.Host -c Release --verbosity quiet -nologo
quietly dotnet build KedaJobs.Benchmarks -c Release --verbosity quiet -nologo
exec dotnet KedaJobs.Benchmarks/bin/Release/net10.0/KedaJobs.Benchmarks.dll broker \
  --host KedaJobs.ServiceBus.Host/bin/Release/net10.0/KedaJobs.ServiceBus.Host.dll "$@"
