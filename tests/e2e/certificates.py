"""Certificates for servers of https, made by openssl when tests need them: good ones, and one of each kind of bad."""
import ssl
import subprocess

NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"


class Certificates:
    """An authority (`authority`, a PEM file to trust) and what it, or nobody, has signed."""

    KINDS = ("good", "expired", "wrong host", "self-signed", "unknown authority", "cut chain")

    def __init__(self, folder):
        self.folder = folder
        self._key("key")
        self.authority = self._authority("root", "trusted root")
        self._authority("other", "root that nobody trusts")
        self._sign("between", "intermediate", "root", "basicConstraints=critical,CA:TRUE")
        self._leaf("good", "root")
        self._leaf("expired", "root", days=-1)
        self._leaf("wrong host", "root", names="DNS:example.org")
        self._leaf("unknown authority", "other")
        self._leaf("cut chain", "between")
        self._request("self-signed", "localhost")
        self._openssl("x509", "-req", "-in", "self-signed.csr", "-signkey", "key", "-days", "9", "-extfile", self._extensions(NAMES),
                      "-out", "self-signed.pem")

    def server(self, kind="good"):
        """The settings of a server that shows this kind."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{kind}.pem", self.folder / "key")
        return context

    def _openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _key(self, name):
        self._openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", name)

    def _authority(self, name, subject):
        """With a key of its own; returns the path of its certificate."""
        self._key(f"{name}.key")
        self._openssl("req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-days", "9", "-out", f"{name}.pem")
        return self.folder / f"{name}.pem"

    def _extensions(self, names, more=""):
        path = self.folder / "extensions"
        path.write_text(f"subjectAltName={names}\n{more}\n")
        return path.name

    def _request(self, name, subject, key="key"):
        self._openssl("req", "-new", "-key", key, "-subj", f"/CN={subject}", "-out", f"{name}.csr")

    def _sign(self, name, subject, issuer, more):
        self._key(f"{name}.key")
        self._request(name, subject, f"{name}.key")
        self._issue(name, issuer, 9, self._extensions("DNS:between", more))

    def _leaf(self, name, issuer, days=9, names=NAMES):
        self._request(name, "localhost")
        self._issue(name, issuer, days, self._extensions(names))

    def _issue(self, name, issuer, days, extensions):
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial",
                      "-days", days, "-extfile", extensions, "-out", f"{name}.pem")
