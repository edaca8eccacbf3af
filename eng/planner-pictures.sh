#!/usr/bin/env bash
# Draws the pictures of docs/planner.md again, by the commands that stand in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dotnet build KedaJobs.Planner --verbosity quiet -nologo
grep -E '^dotnet run --project KedaJobs\.Planner -- simulate .* --svg docs/planner/' docs/planner.md | while read -r command; do
  # The command as the page has it, without building for each.
  # shellcheck disable=SC2086
  dotnet run --no-build --project KedaJobs.Planner -- ${command#*-- } > /dev/null
done
