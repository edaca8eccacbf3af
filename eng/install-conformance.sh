# shellcheck shell=bash
# Installs the pinned official JavaScript Service Bus client, with which KedaJobs.Tests/Conformance speaks to the embedded broker.

# shellcheck source=eng/tools.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

install_conformance() {
  local source=$root/KedaJobs.Tests/Conformance folder=$root/.tools/conformance
  local lock=$source/package-lock.json
  if [ -f "$folder/installed" ] && cmp -s "$lock" "$folder/installed"; then
    return
  fi
  say "Installing the official JavaScript Service Bus client into .tools/conformance (once) ..."
  mkdir -p "$folder"
  # npm mistakes a folder behind a link for a package of its own.
  folder=$(cd "$folder" && pwd -P)
  rm -f "$folder/installed"
  cp "$source/package.json" "$lock" "$folder/"
  quietly npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error ||
    fail "The conformance client could not be installed (see above): check the network and npm's registry setting, then start again."
  cp "$lock" "$folder/installed"
}
