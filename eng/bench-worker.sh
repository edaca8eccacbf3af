#!/usr/bin/env bash
# One message from process start to exit: the sample worker beside the shortest program on the official client, both precompiled and as native code, in
# one run; prints the table of docs/performance.md. Arguments go to the run: eng/bench-worker.sh --rounds 15
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=eng/probe-feed.sh
. eng/probe-feed.sh
require_dotnet
probe_feed

command -v clang >/dev/null || command -v gcc >/dev/null || fail "Native AOT needs clang or gcc, and zlib's headers: apt install clang zlib1g-dev"
[ -x /usr/bin/time ] || fail "/usr/bin/time is missing: apt install time"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for project in KedaJobs.Worker KedaJobs.Benchmarks.Bare; do
  say "Publishing $project ..."
  quietly dotnet publish "$project" -c Release --verbosity quiet -nologo -p:PublishAot=false -o "$out/$project-r2r"
  quietly dotnet publish "$project" -c Release --verbosity quiet -nologo -o "$out/$project-aot"
done
# What PublishReadyToRun makes of a program that says nothing else.
quietly dotnet publish KedaJobs.Benchmarks.Bare -c Release --verbosity quiet -nologo -p:PublishAot=false -p:NativeAotReady=false -o "$out/KedaJobs.Benchmarks.Bare-framework"
quietly dotnet build KedaJobs.Benchmarks -c Release --verbosity quiet -nologo
dotnet KedaJobs.Benchmarks/bin/Release/net10.0/KedaJobs.Benchmarks.dll worker --published "$out" "$@"
