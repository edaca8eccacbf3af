#!/usr/bin/env bash
# Writes down what the libraries show to others, after you have changed it on purpose: each library's PublicAPI.Unshipped.txt. Review the diff.
# Arguments are projects; without any: all libraries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# shellcheck source=tools.sh
. tools.sh
cd "$root"

[ $# -gt 0 ] || set -- $(git ls-files '*/PublicAPI.Unshipped.txt' | xargs -n 1 dirname)
for project in "$@"; do
  project=${project%/}
  file=$project/PublicAPI.Unshipped.txt
  printf '#nullable enable\n' >"$file"
  # Everything that is not in a file is reported (RS0016), in the words of the file.
  output=$(dotnet build "$project" --no-incremental --verbosity quiet -nologo -p:TreatWarningsAsErrors=false 2>&1) ||
    fail "$output"
  {
    printf '#nullable enable\n'
    printf '%s\n' "$output" | grep -F "$project.csproj]" | sed -n "s/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u
  } >"$file"
  say "$file: $(($(wc -l <"$file") - 1)) symbols"
done
