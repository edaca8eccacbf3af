# shellcheck shell=bash
# Installs the real Aspire dashboard from npm into .tools/dashboard, for runs with stand-ins (the Aspire packages bring their own).
# Sets $dashboard to the executable.

# shellcheck source=eng/tools.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

install_dashboard() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
    fail "The stand-ins can show the dashboard on Linux x64 only: use a package feed that has the Aspire packages, and delete .standins."

  mkdir -p "$root/.tools/dashboard"
  local folder
  folder=$(cd "$root/.tools/dashboard" && pwd -P)
  dashboard=$folder/aspire-home/bundle/managed/aspire-managed

  # The bundle is reached through an absolute link, so what was installed under another path does not count.
  local installed="$aspire_version $folder" stamp=$folder/installed
  if _dashboard_is_installed; then
    return
  fi

  # Two starts at once (./run beside ./test): the second waits and finds it done.
  if command -v flock >/dev/null; then
    exec 9>"$folder/lock"
    flock 9
  fi
  if ! _dashboard_is_installed; then
    say "Installing the Aspire dashboard $aspire_version into .tools/dashboard (about 130 MB, once) ..."
    # The stamp goes first and comes back last: an interrupted installation is done again.
    rm -rf "$stamp" "$folder/aspire-home" "$folder/node_modules" "$folder/package.json" "$folder/package-lock.json"
    mkdir -p "$folder/home"
    local package="@microsoft/aspire-cli-linux-x64"
    quietly npm install --prefix "$folder" --no-audit --no-fund --loglevel=error "$package@$aspire_version" ||
      fail "The Aspire dashboard could not be installed: npm does not give $package@$aspire_version (see above). Check the network and npm's registry setting, then start again."
    quietly env HOME="$folder/home" ASPIRE_HOME="$folder/aspire-home" ASPIRE_CLI_TELEMETRY_OPTOUT=1 \
      "$folder/node_modules/$package/bin/aspire" setup --install-path "$folder/aspire-home" --nologo --non-interactive ||
      fail "The Aspire dashboard could not be unpacked (see above): is there room for 500 MB in $folder?"
    [ -x "$dashboard" ] || fail "The Aspire dashboard was installed, but $dashboard is missing: remove .tools/dashboard and start again."
    printf '%s\n' "$installed" >"$stamp"
  fi
  exec 9>&-
}

_dashboard_is_installed() {
  [ -x "$dashboard" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$installed" ]
}
