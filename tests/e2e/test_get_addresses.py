"""`sampan get`: a host with several addresses of which some are dead. In a network of its own, with a hosts file of its own."""
import subprocess

import harness
import pytest
import tree

#: 2001:db8::2 takes packets and answers none; nobody listens on 192.0.2.2. Loopback alone would not count as an IPv4 network.
NETWORK = """
set -e
ip link set lo up
ip link add void type veth peer name end
ip link set end up
ip link set void up
ip address add 192.0.2.1/24 dev void
ip address add 192.0.2.2/24 dev void
ip -6 address add 2001:db8::1/64 dev void nodad
ip -6 neighbour add 2001:db8::2 lladdr 02:00:00:00:00:01 dev void nud permanent
mount --bind "$HOSTS" /etc/hosts
: >listening
"$SAMPAN" serve -b 192.0.2.1 -p 8000 "$SERVED" >listening &
server=$!
while ! grep -q listening listening; do kill -0 $server; sleep 0.02; done
set +e
"$SAMPAN" get "$@"
status=$?
kill $server
exit $status
"""
HOSTS = {"dead and alive": "2001:db8::2 host\n192.0.2.1 host\n", "refused and alive": "192.0.2.2 host\n192.0.2.1 host\n",
         "dead, refused and alive": "2001:db8::2 host\n192.0.2.2 host\n192.0.2.1 host\n", "dead": "2001:db8::2 host\n"}
#: Less than a kernel waits for an answer, more than all attempts side by side need.
BOUND = 15


@pytest.fixture
def in_network(sampan, tmp_path, missing):
    """in_network(hosts, *words): runs `sampan get WORDS` there, in the folder `target`."""
    if subprocess.run(["unshare", "--net", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        missing("no network namespaces here")
    served, target = tmp_path / "served", tmp_path / "target"
    served.mkdir()
    target.mkdir()
    (served / "file").write_bytes(tree.pattern(300_000))

    def go(hosts, *words):
        (tmp_path / "hosts").write_text(hosts)
        result = harness.run(["unshare", "--net", "--mount", "sh", "-c", NETWORK, "sh", *words], cwd=tmp_path, timeout=BOUND,
                             env={"HOSTS": str(tmp_path / "hosts"), "SAMPAN": sampan, "SERVED": str(served)})
        result.got = (target / "file").read_bytes() if (target / "file").exists() else None
        return result
    return go


@pytest.mark.parametrize("kind", ["dead and alive", "refused and alive", "dead, refused and alive"])
@pytest.mark.parametrize("connections", [1, 4])
def test_one_address_is_alive(in_network, kind, connections):
    """Tried side by side (RFC 8305): the dead one does not use up its own time limit first."""
    result = in_network(HOSTS[kind], "-n", connections, "--retries", 0, "--connect-timeout", "60s", "-d", "target", "http://host:8000/file")
    assert result.status == 0 and result.got == tree.pattern(300_000), result


def test_family_that_is_asked_for(in_network):
    words = ["--retries", 0, "--connect-timeout", "1s", "-d", "target", "http://host:8000/file"]
    assert in_network(HOSTS["dead and alive"], "-6", *words).status in (3, 4)
    assert in_network(HOSTS["dead and alive"], "-4", *words).status == 0


def test_all_are_dead(in_network):
    result = in_network(HOSTS["dead"], "--retries", 0, "--connect-timeout", "1s", "-d", "target", "http://host:8000/file")
    assert result.status == 4 and result.got is None and "host" in result.err, result
