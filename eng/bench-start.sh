#!/usr/bin/env bash
# A start of the AppHost beside one of the same services without KedaJobs, in one run; prints the table of docs/performance.md.
# Arguments go to the run: eng/bench-start.sh --rounds 5
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=eng/probe-feed.sh
. eng/probe-feed.sh
require_dotnet
probe_feed

for project in KedaJobs.AppHost KedaJobs.Benchmarks.AppHost KedaJobs.Benchmarks; do
  quietly dotnet build "$project" -c Release --verbosity quiet -nologo
done
exec dotnet KedaJobs.Benchmarks/bin/Release/net10.0/KedaJobs.Benchmarks.dll start --root "$root" "$@"
