# shellcheck shell=bash
# Builds the AppHost with all it starts, unless nothing has changed since the last time: finding that out with a build takes several seconds.

# shellcheck source=eng/probe-feed.sh
. "$(dirname "${BASH_SOURCE[0]}")/probe-feed.sh"

build_apphost() {
  local stamp=$root/KedaJobs.AppHost/obj/run.built inputs
  inputs=$(_inputs)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ] && _outputs_exist && [ -z "$(_sources -cnewer "$stamp" -print -quit)" ]; then
    return
  fi

  say "Building ..."
  rm -f "$stamp"
  mkdir -p "$(dirname "$stamp")"
  # With the time of the build's start: what is edited while it runs counts as changed.
  printf '%s\n' "$inputs" >"$stamp.new"
  quietly dotnet build "$root/KedaJobs.AppHost" --verbosity quiet -nologo || fail "The build failed (see above)."
  mv "$stamp.new" "$stamp"
}

# Which SDK, which packages, and the list of source files: one that was deleted or renamed is a change, too.
_inputs() {
  dotnet --version
  uses_standins && echo stand-ins
  _sources -print | LC_ALL=C sort | cksum
}

_sources() {
  find "$root" \
    \( -name bin -o -name obj -o -name node_modules -o -path "$root/.git" -o -path "$root/.tools" -o -path "$root/out" -o -path "$root/TestResults" \) -prune \
    -o -type f "$@"
}

_outputs_exist() {
  local project
  for project in KedaJobs.AppHost KedaJobs.Producer KedaJobs.Worker; do
    [ -f "$root/$project/bin/Debug/net10.0/$project.dll" ] || return 1
  done
}
