#!/usr/bin/env bash
# Simulated days with a million and ten million messages side by side, and a sweep; see docs/performance.md. Arguments go to the benchmark: --rounds 3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dotnet build KedaJobs.Benchmarks --configuration Release --verbosity quiet -nologo
exec dotnet run --configuration Release --no-build --project KedaJobs.Benchmarks -- planner "$@"
