# Set-up shared by scripts/demo and scripts/test. Sourced, not run. Every step looks first and does nothing when done.

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Node must be there already: which one to install is the owner's choice.
need_node() {
  command -v node >/dev/null 2>&1 ||
    fail 'Node.js is not installed. Parapet needs Node 20.19 or later: https://nodejs.org/en/download'
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
  ' || fail "Node $(node --version) is too old. Parapet needs Node 20.19 or later: https://nodejs.org/en/download"
  command -v npm >/dev/null 2>&1 || fail 'npm is not installed; it comes with Node.js: https://nodejs.org/en/download'
}

# What a need is tested by, then the Debian packages that meet it.
has_ffmpeg() { command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1; }
has_fonts() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list 2>/dev/null | head -n 1)" ]; }
has_compiler() { command -v python3 >/dev/null 2>&1 && command -v make >/dev/null 2>&1 && command -v g++ >/dev/null 2>&1; }
has_systemd_notify() { command -v systemd-notify >/dev/null 2>&1; }
has_mosquitto() { command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ]; }
has_postgresql() { command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_jinja2() { /usr/bin/python3 -c 'import jinja2' >/dev/null 2>&1 || python3 -c 'import jinja2' >/dev/null 2>&1; }
has_rtsp_server() {
  /usr/bin/python3 -c '
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
needed = ("filesrc", "qtdemux", "h264parse", "h265parse", "rtph264pay", "rtph265pay")
raise SystemExit(0 if all(Gst.ElementFactory.find(name) for name in needed) else 1)
' >/dev/null 2>&1
}
packages_for() {
  case "$1" in
    ffmpeg) echo ffmpeg ;;
    fonts) echo fontconfig fonts-dejavu-core ;;
    compiler) echo python3 make g++ ;;
    mosquitto) echo mosquitto ;;
    systemd_notify) echo systemd ;;
    postgresql) echo postgresql ;;
    jinja2) echo python3 python3-jinja2 ;;
    rtsp_server)
      echo python3 python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
      ;;
  esac
}

# need ffmpeg fonts …: installs by apt what is missing, as root or by sudo.
need() {
  local packages=() name
  for name in "$@"; do
    "has_$name" || read -r -a packages <<<"${packages[*]} $(packages_for "$name")"
  done
  [ "${#packages[@]}" -eq 0 ] && return
  local command="apt-get install -y --no-install-recommends ${packages[*]}"
  command -v apt-get >/dev/null 2>&1 ||
    fail "These Debian packages or their like are needed, and this system has no apt-get: ${packages[*]}. Install them and run this again."
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal sudo cannot ask for a password: then only a sudo that needs none will do.
    if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      root=(sudo)
    else
      fail "These packages are missing: ${packages[*]}. Installing them needs root, and sudo does not work here. Let an administrator run: $command"
    fi
  fi
  say "installing ${packages[*]}"
  { "${root[@]}" apt-get update -q && "${root[@]}" env DEBIAN_FRONTEND=noninteractive $command; } >&2 ||
    fail "apt-get failed (see above). Mend it, or run by hand: $command"
  for name in "$@"; do
    "has_$name" || fail "$name still does not work after installing: $(packages_for "$name")"
  done
}

# npm packages, anew only when package-lock.json or Node's major version has changed (native modules are built for one).
need_node_modules() {
  local stamp=node_modules/.parapet-installed wanted
  wanted="$(node -p 'process.versions.modules') $(sha256sum <package-lock.json)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  # Where a native module must be compiled, the headers that came with this Node will do: nothing to download.
  local prefix
  prefix="$(node -p 'require("path").dirname(require("path").dirname(require("fs").realpathSync(process.execPath)))')"
  [ -f "$prefix/include/node/node.h" ] && export npm_config_nodedir="${npm_config_nodedir:-$prefix}"
  say 'installing npm packages'
  if ! npm ci --no-audit --no-fund >&2; then
    # better-sqlite3 comes as a binary; where that cannot be fetched it is compiled, which needs a compiler.
    has_compiler && fail 'npm ci failed (see above). Is the npm registry reachable?'
    need compiler
    npm ci --no-audit --no-fund >&2 || fail 'npm ci failed (see above). Is the npm registry reachable?'
  fi
  printf '%s\n' "$wanted" >"$stamp"
}
