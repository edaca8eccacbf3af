# shellcheck shell=bash
# Versions of what the scripts install. Aspire's version is read from Directory.Packages.props.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# shellcheck disable=SC2034 # read by the scripts that source this file
{
  aspire_version=$(sed -n 's:.*<AspireVersion>\(.*\)</AspireVersion>.*:\1:p' "$root/Directory.Packages.props")
  playwright_version=1.65.1
}
