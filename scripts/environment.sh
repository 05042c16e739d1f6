# Sourced by the scripts beside it: goes to the project's root and keeps `.venv` in step with the
# requirement files. Programs are called as "$python -m …", which survives paths with spaces and moved folders.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# Prints the name of the first Python that is new enough and can make a virtual environment.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  say '没有找到 Python 3.11 或更新的版本（连同 venv）。Debian/Ubuntu 可安装：apt-get install python3 python3-venv'
  say 'No Python 3.11 or newer with the venv module was found.'
  return 1
}

# prepare_python NAME FILE…: makes .venv when there is none, installs the files when they changed since last time.
prepare_python() {
  local name=$1 stamp current base file
  shift
  if ! "$python" -c '' 2>/dev/null; then
    base=$(find_python) || exit 1
    say '正在建立 Python 环境 .venv …'
    "$base" -m venv --clear .venv
  fi
  stamp=.venv/installed-$name
  current=$(cat "$@" | cksum)
  if [[ ! -f $stamp || $(<"$stamp") != "$current" ]]; then
    say "正在安装 $* …"
    local arguments=()
    for file in "$@"; do arguments+=(-r "$file"); done
    "$python" -m pip install --quiet --quiet --disable-pip-version-check "${arguments[@]}"
    printf '%s' "$current" >"$stamp"
  fi
}

# install_system_packages NAME…: by apt-get, as root or through sudo; fails without a word when neither works.
install_system_packages() {
  local as_root=()
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) != 0 ]]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  "${as_root[@]}" apt-get update -qq >&2 || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# The shell without windows is the same engine and opens a page in half the time; any Chromium will do.
prepare_browser() {
  [[ -n $(fc-list :lang=zh 2>/dev/null) ]] || prepare_package fonts-wqy-zenhei
  command -v chromium-headless-shell >/dev/null || prepare_package chromium-headless-shell ||
    command -v chromium >/dev/null || prepare_package chromium ||
    say 'The browser tests need Chromium, which could not be installed here.'
}

prepare_package() {
  say "正在安装 $1 …"
  install_system_packages "$1"
}
