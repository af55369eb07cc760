"""The HTTP servers that http.py compares: started on a free port with a configuration of their own in a temporary folder.

Peers are Debian's, unpacked under build/peers. Each runs one worker on one core, in the foreground, without a master process, as
the user who runs the bench, and writes nowhere but into the bench's folder.
"""

import dataclasses
import os
import pathlib
import subprocess

import _common as bench

PEERS = bench.ROOT / "build/peers"
CONNECTIONS = 16384  # that a peer may hold
BACKLOG = 4096  # as sampan's: 10,000 connect at once


@dataclasses.dataclass
class Server:
    """A running server. `pid` is the one process that does all of its work."""

    pid: int
    port: int
    child: bench.Child

    def stop(self):
        self.child.signal(bench.signal.SIGTERM)
        self.child.finish(expected=None)  # h2o and caddy say 0, others how they were ended


def built(name):
    """Compiles bench/NAME.cc where that is newer; returns the program."""
    source, program = bench.ROOT / f"bench/{name}.cc", bench.ROOT / f"build/bench/{name}"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        # Warnings are for the build of the program, not for a stranger's compiler.
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", program, source], check=True)
    return program


def program(name):
    path = PEERS / name
    if not path.exists():
        raise bench.NotStarted(f"not there: {path.relative_to(bench.ROOT)}")
    return path


def environment(own):
    """What the peers are started with: their libraries, and a home that is the bench's."""
    libraries = ":".join(map(str, [*PEERS.glob("usr/lib/*-linux-gnu*"), PEERS / "usr/lib"]))
    return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": libraries, "HOME": own, "XDG_DATA_HOME": own, "XDG_CONFIG_HOME": own}


NGINX = """
daemon off;
master_process off;  # one process, as if it were the worker: nobody is left behind when it is killed
worker_processes 1;
pid {own}/pid;
error_log {own}/error.log;
events {{ worker_connections {connections}; }}
http {{
  types {{ text/plain txt; application/octet-stream bin; }}
  default_type application/octet-stream;
  client_body_temp_path {own}; proxy_temp_path {own}; fastcgi_temp_path {own}; uwsgi_temp_path {own}; scgi_temp_path {own};
  sendfile on;
  tcp_nopush on;
  {more}
  server {{
    listen {host}:{port} backlog={backlog};
    root {root};
    location / {{ {location} }}
  }}
}}
"""
TUNED = "keepalive_requests 1000000000; open_file_cache max=10000; access_log {log};"
# Debian's nginx.conf and its default site, as far as they touch a plain file.
SHIPPED = "types_hash_max_size 2048; gzip on; access_log {own}/access.log;"


def nginx(more, location="", connections=CONNECTIONS):
    def command(own, root, port):
        text = NGINX.format(
            own=own, root=root, host=bench.HOST, port=port, backlog=BACKLOG, connections=connections, location=location,
            more=more.format(own=own),
        )
        (own / "nginx.conf").write_text(text)
        return [program("usr/sbin/nginx"), "-p", own, "-e", own / "error.log", "-c", own / "nginx.conf"]

    return command


H2O = """
{user}
num-threads: 1
num-name-resolution-threads: 1
max-connections: {connections}
pid-file: {own}/pid
error-log: {own}/error.log
listen: {{ host: {host}, port: {port} }}
hosts:
  default:
    paths:
      "/": {{ file.dir: "{root}" }}
"""


def h2o(own, root, port):
    user = "user: root" if os.geteuid() == 0 else ""  # another user could not read the bench's folder; only root may say so
    (own / "h2o.conf").write_text(H2O.format(own=own, root=root, host=bench.HOST, port=port, connections=CONNECTIONS, user=user))
    return [program("usr/bin/h2o"), "-m", "worker", "-c", own / "h2o.conf"]


LIGHTTPD = """
server.bind = "{host}"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "{own}/error.log"
server.upload-dirs = ( "{own}" )
server.compat-module-load = "disable"
server.modules = ( "mod_staticfile" )
server.max-connections = {connections}
server.max-fds = {descriptors}
server.max-keep-alive-requests = 1000000000
server.listen-backlog = {backlog}
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )
"""


def lighttpd(own, root, port):
    limits = {"connections": CONNECTIONS // 2, "descriptors": CONNECTIONS}  # it wants two descriptors for each
    (own / "lighttpd.conf").write_text(LIGHTTPD.format(own=own, root=root, host=bench.HOST, port=port, backlog=BACKLOG, **limits))
    return [program("usr/sbin/lighttpd"), "-D", "-m", PEERS / "usr/lib/lighttpd", "-f", own / "lighttpd.conf"]


APACHE = """
ServerName localhost
Listen {host}:{port}
PidFile {own}/pid
ErrorLog {own}/error.log
DefaultRuntimeDir {own}
Mutex file:{own}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
{user}
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
DocumentRoot {root}
"""


def apache(own, root, port):
    """Run by its own -X: one process in the foreground. It refuses to serve as root."""
    user = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
    text = APACHE.format(own=own, root=root, host=bench.HOST, port=port, modules=PEERS / "usr/lib/apache2/modules", user=user)
    (own / "apache.conf").write_text(text)
    return [program("usr/sbin/apache2"), "-X", "-f", own / "apache.conf"]


CADDY = """
{{
  admin off
  auto_https off
}}
http://{host}:{port} {{
  bind {host}
  root * {root}
  file_server
}}
"""


def caddy(own, root, port):
    """Go counts the cores that it may use when it starts: one."""
    (own / "Caddyfile").write_text(CADDY.format(root=root, host=bench.HOST, port=port))
    return [program("usr/bin/caddy"), "run", "--config", own / "Caddyfile", "--adapter", "caddyfile"]


def floor(body):
    return lambda own, root, port: [built("floor"), port, body]


def sampan(*options, log="off"):
    def command(own, root, port):
        words = [bench.sampan(), "serve", root, "--bind", bench.HOST, "--port", port, "--workers", 1]
        return [*words, "--access-log", str(log).format(own=own), *options]

    return command


def start(command, root, own):
    """Starts what `command(own folder, served folder, port)` says and waits until it listens."""
    own = pathlib.Path(own)
    own.mkdir(exist_ok=True)
    port = bench.free_port()
    argv = command(own, root, port)
    env = None if str(argv[0]) == bench.sampan() else environment(own)
    with open(own / "output", "wb") as output:
        child = bench.Child(argv, bench.SERVER_CORE, env=env, cwd=own, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        bench.wait_until_listening(port, child)
    except bench.NotStarted as failure:
        child.signal(bench.signal.SIGKILL)  # harmless where it has ended: it is not waited for yet
        child.finish(expected=None)
        said = (own / "output").read_text(errors="replace").strip().splitlines()
        raise bench.NotStarted(f"{failure}: {said[-1] if said else 'it said nothing'}") from None
    return Server(child.pid, port, child)


def commands(body):
    """Every contestant by name; `body` is what the floor answers with."""
    return {
        "sampan": sampan(),
        "sampan --cache-ttl 1s": sampan("--cache-ttl", "1s"),
        "nginx": nginx(TUNED.format(log="off")),
        "nginx-debian": nginx(SHIPPED, "try_files $uri $uri/ =404;", connections=768),
        "h2o": h2o,
        "lighttpd": lighttpd,
        "caddy": caddy,
        "floor": floor(body),
        "sampan, access log": sampan("--log-format", "combined", log="{own}/access.log"),
        "nginx, access log": nginx(TUNED.format(log="{own}/access.log combined")),
    }


def versions():
    """Of the peers that are there, as they tell."""
    env = environment(str(PEERS))
    asked = {
        "nginx": (["usr/sbin/nginx", "-v"], r"(?<=nginx/)\S+"),
        "h2o": (["usr/bin/h2o", "-v"], r"(?<=version )\S+"),
        "lighttpd": (["usr/sbin/lighttpd", "-v"], r"(?<=lighttpd/)\S+"),
        "caddy": (["usr/bin/caddy", "version"], r"\d\S+"),
        "apache": (["usr/sbin/apache2", "-v"], r"(?<=Apache/)\S+"),
    }
    return [
        f"{name} {bench.first_line([PEERS / argv[0], *argv[1:]], pattern, env)}" for name, (argv, pattern) in asked.items()
    ]
