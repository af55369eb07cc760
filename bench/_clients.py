"""The downloaders that get.py compares: their command lines, each as good as its documentation lets it be."""

import os
import shutil

import _common as bench
import _servers


def environment(own):
    """What the peers run with: their libraries, no settings of the user."""
    return {**_servers.environment(own), "LC_ALL": "C.UTF-8"}


def program(name):
    """Of the machine, or unpacked as a peer."""
    return shutil.which(name) or _servers.program(f"usr/bin/{name}")


def curl(url, into):
    return [program("curl"), "-q", "-sSf", "-o", into, url]


def wget(url, into):
    return [program("wget"), "--no-config", "-q", "-O", into, url]


def wget2(url, into):
    return [program("wget2"), "--no-config", "-q", "-O", into, url]


def aria2(connections, *options):
    """Without preallocation, which would write the file twice; of a split, no part is smaller than it allows."""

    def command(url, into):
        split = [f"-x{connections}", f"-s{connections}", "-k1M", "--file-allocation=none", "--allow-overwrite=true"]
        place = ["-d", os.path.dirname(into), "-o", os.path.basename(into)]
        return [program("aria2c"), "--no-conf", "-q", "--disable-ipv6=true", *split, *options, *place, url]

    return command


def axel(connections):
    return lambda url, into: [program("axel"), "-q", "-n", connections, "-o", into, url]


def sampan(*options):
    return lambda url, into: [bench.sampan(), "get", "-q", *options, "-o", into, url]


def then_sha256(command):
    """Followed by what a careful user does by hand."""

    def both(url, into):
        return ["sh", "-c", '"$@" && sha256sum --quiet -c sums', "sh", *command(url, into)]

    return both


def plain():
    return {
        "sampan get": sampan(),
        "sampan get --no-fsync": sampan("--no-fsync"),
        "sampan get -n 1 --no-fsync": sampan("-n", 1, "--no-fsync"),
        "sampan get -n 8 --no-fsync": sampan("-n", 8, "--no-fsync"),
        "curl": curl,
        "wget2": wget2,
        "wget": wget,
        "aria2 -x1": aria2(1),
        "aria2 -x8": aria2(8),
        "axel -n 1": axel(1),
        "axel -n 8": axel(8),
    }


def with_sha256(digest):
    return {
        "sampan get --sha256": sampan("--sha256", digest),
        "sampan get --sha256 --no-fsync": sampan("--sha256", digest, "--no-fsync"),
        "aria2 -x1 --checksum": aria2(1, f"--checksum=sha-256={digest}"),
        "curl, sha256sum": then_sha256(curl),
        "wget2, sha256sum": then_sha256(wget2),
    }


def split(connections):
    return {
        "sampan get": sampan("--no-fsync"),
        f"sampan get -n {connections}": sampan("-n", connections, "--no-fsync"),
        f"aria2 -x{connections}": aria2(connections),
        f"axel -n {connections}": axel(connections),
        "curl": curl,
    }


def lists(count):
    """Of many files, run in the folder where they go: `(list, url)` → command line. The list has a URL a line."""
    span = f"[{'0' * len(str(count - 1))}-{count - 1}]"
    return {
        "sampan get -i": lambda listed, _: [bench.sampan(), "get", "-q", "-i", listed],
        "sampan get -i --no-fsync": lambda listed, _: [bench.sampan(), "get", "-q", "--no-fsync", "-i", listed],
        "curl -Z": lambda _, url: [program("curl"), "-q", "-sSfZ", "--no-progress-meter", "--remote-name-all", f"{url}/{span}"],
    }


def versions(own):
    env = environment(own)
    asked = {"curl": r"(?<=curl )\S+", "wget": r"(?<=Wget )\S+", "wget2": r"(?<=Wget2 )\S+", "aria2c": r"(?<=version )\S+",
             "axel": r"(?<=Axel )\S+"}
    return [f"{name} {bench.first_line([program(name), '--version'], pattern, env)}" for name, pattern in asked.items()]
