#!/bin/sh
# Makes the layer the benchmarks read: Debian packages unpacked until there is
# 1 GiB plain and more, as one gzip layer of about 350 MB.
#
#   tests/bench/mklayer.sh FILE.tar.gz
#
# Kept between runs: nothing happens when FILE is there.
set -eu
out=$1
[ -s "$out" ] && exit 0

packages='linux-image-cloud-amd64 gcc-12 clang-14 libllvm14 llvm-14-dev
    openjdk-17-jdk-headless openjdk-17-jre-headless golang-1.19-src
    golang-1.19-go python3-numpy python3-scipy libboost1.74-dev
    libgtk-3-common fonts-noto-core texlive-base
    libicu-dev libpython3.11-dev vim-runtime perl-modules-5.36
    postgresql-15 emacs-common libqt5gui5'

work=$(mktemp -d "${TMPDIR:-/tmp}/crab-layer.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/root" "$work/debs"
cd "$work/debs"
for p in $packages; do
    apt-get download -qq "$p" 2>/dev/null || echo "not to be had: $p" >&2
done
for deb in *.deb; do
    dpkg-deb -x "$deb" "$work/root"
    [ "$(du -sm "$work/root" | cut -f1)" -lt 1300 ] || break
done
# A package database, as a real base layer has one.
mkdir -p "$work/root/var/lib/dpkg" "$work/root/etc"
cp /var/lib/dpkg/status "$work/root/var/lib/dpkg/status"
cp /usr/lib/os-release "$work/root/etc/os-release"
cd "$work/root"
tar --sort=name --numeric-owner --owner=0 --group=0 -cf - . | gzip -6 -n > "$work/layer.tar.gz"
plain=$(du -sm --apparent-size . | cut -f1)
[ "$plain" -ge 1024 ] || { echo "only $plain MiB came together" >&2; exit 1; }
mkdir -p "$(dirname "$out")"
mv "$work/layer.tar.gz" "$out"
echo "made $out: $plain MiB plain, $(($(stat -c %s "$out") / 1000000)) MB compressed" >&2
