# shellcheck shell=bash
# Asks the package feed once whether it has the Azure integrations of Aspire. The answer is kept: .standins (with the version asked for) where it
# lacks them, .tools/feed-has-packages where it has them. See offline/README.md.

# shellcheck source=eng/tools.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

probe_feed() {
  local marker=$root/.standins answered=$root/.tools/feed-has-packages

  case ${KEDAJOBS_STANDINS:-} in
    true) say "Using the stand-ins in offline/, because KEDAJOBS_STANDINS says so." && return ;;
    false) return ;;
  esac

  # An empty marker was put there by hand; one with another version is from before an update.
  if [ -f "$marker" ] && { [ ! -s "$marker" ] || [ "$(cat "$marker")" = "$aspire_version" ]; }; then
    say "The package feed lacks the Azure integrations of Aspire: using the stand-ins in offline/ (delete .standins to ask the feed again)."
    return
  fi
  if [ ! -f "$marker" ] && [ -f "$answered" ] && [ "$(cat "$answered")" = "$aspire_version" ]; then
    return
  fi

  mkdir -p "$root/.tools"
  local answer
  answer=$(_ask_feed) || fail "$answer"
  if [ "$answer" = present ]; then
    rm -f "$marker"
    printf '%s\n' "$aspire_version" >"$answered"
  else
    rm -f "$answered"
    printf '%s\n' "$aspire_version" >"$marker"
    say "The package feed lacks the Azure integrations of Aspire: using the stand-ins in offline/ (delete .standins to ask the feed again)."
  fi
}

# Whether this tree builds with the stand-ins: the same rule as offline/StandIns.props.
uses_standins() {
  [ "${KEDAJOBS_STANDINS:-$([ -f "$root/.standins" ] && echo true)}" = true ]
}

# Prints present or absent; or fails and prints why there is no answer.
_ask_feed() {
  local output status=0
  output=$(dotnet restore "$root/eng/feed-probe" --verbosity quiet 2>&1) || status=$?

  local problem
  problem=$(printf '%s\n' "$output" | sed -n 's/.*error \([A-Z]*[0-9]*:.*\)/\1/p' | head -n 1)
  case $status:$output in
    0:*) say present ;;
    *NU1301*) say "The package feed cannot be reached: check the network and the NuGet configuration (dotnet nuget list source). $problem" && return 1 ;;
    *NU1101* | *NU1102*) say absent ;;
    *) say "The package feed gave no usable answer: ${problem:-$(printf '%s' "$output" | head -n 1)}" && return 1 ;;
  esac
}
