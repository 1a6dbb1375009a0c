#!/bin/sh
# Makes a Python with a release of aiosendspin in the folder given and prints the
# path of the interpreter. Without a name it is the release of requirements.txt, for
# JUMPGATE_PYTHON312; named "now" it is that of requirements-now.txt, for
# JUMPGATE_PYTHON312_NOW. aiosendspin needs Python 3.12. Where no such Python is
# installed, a Debian trixie is put into the folder with debootstrap, which takes
# root and `apt-get install debootstrap`.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?usage: setup.sh FOLDER [now]}
name=${2:+-$2}
requirements=requirements$name.txt
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

ready() { "$1" -c 'import aiosendspin.client, aiosendspin.server, av' 2>/dev/null; }

for python in "$dir/venv$name/bin/python" "$dir/python$name"; do
  if [ -x "$python" ] && ready "$python"; then
    echo "$python"
    exit 0
  fi
done

for python in python3.13 python3.12 python3; do
  if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    "$python" -m venv "$dir/venv$name" >&2
    "$dir/venv$name/bin/python" -m pip install --quiet --requirement "$here/$requirements" >&2
    echo "$dir/venv$name/bin/python"
    exit 0
  fi
done

command -v debootstrap >/dev/null || { echo "setup.sh: needs Python 3.12 or debootstrap" >&2; exit 1; }
root=$dir/trixie
if [ ! -x "$root/usr/bin/python3" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates trixie "$root" >&2
fi
cp "$here/$requirements" "$root/$requirements"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# A proxy's certificate that this machine trusts is to be trusted in there too.
certs=/etc/ssl/certs/ca-certificates.crt
if [ -f "$certs" ]; then cp "$certs" "$root$certs"; fi
for conf in /etc/pip.conf "${PIP_CONFIG_FILE:-}"; do
  if [ -n "$conf" ] && [ -f "$conf" ]; then cp "$conf" "$root/etc/pip.conf"; fi
done
chroot "$root" python3 -m venv "/venv$name" >&2
PIP_CERT=$certs chroot "$root" "/venv$name/bin/python" -m pip install --quiet --requirement "/$requirements" >&2
printf '#!/bin/sh\nexec chroot "%s" /venv%s/bin/python "$@"\n' "$root" "$name" > "$dir/python$name"
chmod +x "$dir/python$name"
echo "$dir/python$name"
