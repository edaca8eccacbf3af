#!/usr/bin/env bash
# Puts Debian 13 with its rabbitmq-server (RabbitMQ 4) into a folder of its own, for the comparison on an older Debian or Ubuntu. Needs root.
#   eng/rabbitmq-4.sh /var/tmp/debian-13
#   eng/bench-broker.sh --rabbitmq-root /var/tmp/debian-13
# The server runs there with chroot; remove the folder (after: umount FOLDER/proc FOLDER/dev) when you are done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=eng/probe-feed.sh
. eng/probe-feed.sh

[ $# = 1 ] || fail "Say which folder: eng/rabbitmq-4.sh /var/tmp/debian-13"
[ "$(id -u)" = 0 ] || fail "This script mounts and installs: run it as root."
folder=$(realpath -m "$1")
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true)

if ! command -v debootstrap >/dev/null; then
  say "Installing debootstrap ..."
  quietly apt-get update
  quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap
fi

if [ ! -x "$folder/usr/bin/apt-get" ]; then
  say "Installing Debian 13 into $folder ..."
  # Without a mirror of the machine's own, debootstrap takes its default.
  quietly debootstrap --variant=minbase trixie "$folder" ${mirror:+"$mirror"}
fi

for file in /etc/resolv.conf /etc/hosts; do cp "$file" "$folder$file"; done
cp -r /etc/apt/apt.conf.d/. "$folder/etc/apt/apt.conf.d/"
mountpoint -q "$folder/proc" || mount -t proc proc "$folder/proc"
mountpoint -q "$folder/dev" || mount --bind /dev "$folder/dev"

if [ ! -x "$folder/usr/lib/rabbitmq/bin/rabbitmq-server" ]; then
  # The package would start a server of its own.
  printf '#!/bin/sh\nexit 101\n' > "$folder/usr/sbin/policy-rc.d"
  chmod +x "$folder/usr/sbin/policy-rc.d"
  say "Installing rabbitmq-server there ..."
  quietly chroot "$folder" apt-get update
  quietly chroot "$folder" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rabbitmq-server
fi

# shellcheck disable=SC2016
say "RabbitMQ $(chroot "$folder" dpkg-query -W -f '${Version}' rabbitmq-server) is in $folder."
