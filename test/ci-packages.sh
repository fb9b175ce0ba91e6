#!/usr/bin/env bash
# Installs what some tests use beside npm's packages: a smart card service with a virtual reader, two
# independent card clients, a browser, a Japanese font for it, and an X server with keys. Only on Debian as root, only what is missing; where that fails
# those tests are skipped and counted as skipped.
set -uo pipefail

wanted=(pcscd vsmartcard-vpcd opensc pcsc-tools iproute2 chromium fonts-ipafont-gothic xvfb xdotool xterm)
missing=()
for package in "${wanted[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, tests that need them are skipped: ${missing[*]}"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
install() { timeout 300 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1; }
install || { timeout 120 apt-get update -qq >/dev/null 2>&1 && install; } ||
  echo "could not be installed, tests that need them are skipped: ${missing[*]}"
exit 0
