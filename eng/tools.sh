# shellcheck shell=bash
# Shared by ./run, ./test and the other files here, which source it. Sets $root, the repository's folder.

# shellcheck source=eng/versions.sh
. "$(dirname "${BASH_SOURCE[0]}")/versions.sh"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

require_dotnet() {
  command -v dotnet >/dev/null || fail "dotnet is missing: install the .NET 10 SDK (https://dotnet.microsoft.com/download) and open a new shell."
  local version
  version=$(dotnet --version 2>/dev/null) || version=none
  case $version in
    [0-9].* | none) fail "The .NET 10 SDK is missing (found: $version): install it (https://dotnet.microsoft.com/download) and open a new shell." ;;
  esac
}

require_npm() {
  command -v npm >/dev/null ||
    fail "npm is missing: install Node.js 20 or newer (https://nodejs.org), which brings it. The tests use the JavaScript Service Bus client."
}

# Runs a command with the output kept back; shows all of it when the command fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" >&2
    return 1
  fi
}
