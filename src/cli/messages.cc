#include "cli/messages.h"

#include <fmt/format.h>
#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "cli/i18n.h"
#include "net/address.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

// The library's operation words, so that the catalogue has them: they stand before the subject.
[[maybe_unused]] const char* const operations[] = {
    N_("bind"),
    N_("close"),
    N_("connect to"),
    N_("create"),
    N_("create an event loop"),
    N_("listen on"),
    N_("lock"),
    N_("open a socket for"),
    N_("open"),
    N_("read"),
    N_("read from"),
    N_("read the address"),
    N_("read the port"),
    N_("receive from"),
    N_("remove"),
    N_("rename"),
    N_("resolve"),
    N_("send to"),
    N_("serve"),
    N_("set up TLS"),
    N_("sync"),
    N_("watch"),
    N_("run"),
    N_("write"),
    N_("write to"),
    N_("get"),
    N_("encode"),
    N_("stat"),
    N_("use the encoding"),
    N_("use the proxy"),
};

int lowest_free_port() {
  std::ifstream setting("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int value = 0;
  return setting >> value ? value : 1024;
}

// Its details, too.
[[maybe_unused]] const char* const details[] = {
    N_("unknown scheme"),
    N_("a user name goes with http:// and https:// only"),
    N_("a control character, or a colon in the user name"),
    N_("the redirect names no place"),
    N_("no host"),
    N_("a backslash in the host"),
    N_("only proxies that speak plain HTTP can be used"),
    N_("not well-formed XML"),
    N_("a document type is not read"),
    N_("no Metalink"),
    N_("nested too deeply"),
    N_("too many files"),
    N_("no file name"),
    N_("too long"),
    N_("neither a folder nor a regular file"),
    N_("--output gives it one"),
    N_("it does not begin as HTTP/1 does"),
    N_("too many redirects"),
    N_("the head is too long"),
    N_("CR or NUL within the head"),
    N_("bad status line"),
    N_("bad field"),
    N_("too many fields"),
    N_("too many interim answers"),
    N_("bad Content-Length"),
    N_("bad chunk"),
    N_("it holds a control character"),
    N_("not of the form `Name: value`"),
    N_("the server sets this one itself"),
    // Those of OpenSSL that people meet.
    N_("certificate has expired"),
    N_("certificate is not yet valid"),
    N_("hostname mismatch"),
    N_("IP address mismatch"),
    N_("self-signed certificate"),
    N_("self-signed certificate in certificate chain"),
    N_("unable to get local issuer certificate"),
    N_("certificate signature failure"),
    N_("wrong version number"),
    N_("unexpected eof while reading"),
    N_("no certificate or crl found"),
    N_("known are \\xHH \\r \\n \\t \\0 \\\\"),
    N_("no JSON object of texts and numbers"),
    N_("delta_ms is missing or no whole number"),
    N_("direction is neither in nor out"),
    N_("hex is missing or no hexadecimal"),
};

std::string own_addresses() {
  std::string list;
  for (const net::address& one : net::own_addresses()) list += (list.empty() ? "" : ", ") + one.ip();
  return list;
}

// What to do about a system error, where there is more to say than the system's words.
std::string cure(const error& what) {
  const bool listening = std::strcmp(what.operation(), "listen on") == 0;
  switch (what.number()) {
    case EACCES:
      if (!listening) return {};
      return fmt::format(fmt::runtime(_("needs privilege; use a port above {} (ip_unprivileged_port_start = {})")),
                         lowest_free_port() - 1, lowest_free_port());
    case EADDRNOTAVAIL:
      if (!listening) return {};
      return fmt::format(fmt::runtime(_("not an address of this machine, which has {}")), own_addresses());
    case ECONNREFUSED: return _("nobody listens there; is the server running, and the port right?");
    case ENETUNREACH:
    case EHOSTUNREACH: return _("no way to that network; check address and network");
    case ENOSPC:
    case EDQUOT: return _("free some space, or choose another folder");
    default: return {};
  }
}

std::string reason_of(const error& what) {
  switch (what.code()) {
    case errc::system: return system_reason(what.number());
    case errc::bad_port: return _("not a port: a whole number from 1 to 65535 is needed");
    case errc::bad_address:
      return _("not an address: neither an IP address such as 192.168.1.5 nor a host name, in plain ASCII characters");
    case errc::bad_url:
      return _("not a URL this command can use; http[s]://HOST/PATH, tcp://HOST:PORT/NAME or HOST:PORT/NAME is needed");
    case errc::bad_name: return _("not a file name that can be used");
    case errc::bad_value: return _("not a usable value");
    case errc::unknown_encoding: return _("unknown encoding; known are");
    case errc::empty_text: return _("the text is empty: nothing was sent");
    case errc::end_of_input: return _("the input ended before an answer came");
    case errc::resolve_failed:
      return fmt::format(fmt::runtime(_("the name was not resolved ({})")), gai_strerror(what.number()));
    case errc::connect_timeout:
      return _("no answer in time; the host may be down or a firewall in between (--connect-timeout sets how long)");
    case errc::port_in_use: return _("the port is in use; stop its holder or choose another port");
    case errc::reply_timeout: return _("connected, but no reply in time");
    case errc::stalled: return _("the transfer stalled");
    case errc::connection_reset: return _("connection reset by peer");
    case errc::cut_short: return _("the server ended the connection before the answer was complete");
    case errc::certificate_refused: return _("the server's certificate was not accepted");
    case errc::tls_failed: return _("the secure connection failed; is it the right port for TLS?");
    case errc::no_such_file: return _("no such file");
    case errc::nothing_received: return _("nothing received: there is no such file, or it is empty");
    case errc::not_the_file: return _("the answer is not the file but another protocol's; nothing was saved");
    case errc::malformed_answer: return _("the answer breaks the rules of HTTP");
    case errc::unexpected_answer: return _("the answer is not what was asked for; nothing was saved");
    case errc::redirected: return _("the server redirects to where this command does not go");
    case errc::refused_by_peer: return _("the server refused or failed");
    case errc::target_is_directory: return _("is a directory; give a file name");
    case errc::target_exists: return _("exists already, and must not be replaced");
    case errc::part_not_ours:
      return _("is there already and is not a plain file of yours alone; remove it or choose another name");
    case errc::target_busy: return _("another run is writing to it");
    case errc::short_file: return _("got shorter while it was sent");
    case errc::changed: return _("the file on the server is another one than before");
    case errc::digest_mismatch: return _("the bytes are not those that the digest was made of");
    case errc::unproved: return _("nothing proves that the file is whole and right");
    case errc::not_encodable: return _("does not exist in the chosen encoding; nothing was sent");
    case errc::interrupted: return _("interrupted");
  }
  return reason(what.code());
}

}  // namespace

std::string system_reason(int number) {
  const char* words = strerrordesc_np(number);
  return words ? dgettext("libc", words) : fmt::format("errno {}", number);
}

int exit_status_of(const error& what) {
  switch (what.code()) {
    case errc::bad_port:
    case errc::bad_address:
    case errc::bad_url:
    case errc::bad_name:
    case errc::bad_value:
    case errc::unknown_encoding:
    case errc::empty_text:
    case errc::end_of_input: return exit_usage;
    case errc::resolve_failed:
    case errc::port_in_use: return exit_no_connection;
    case errc::connect_timeout:
    case errc::reply_timeout:
    case errc::stalled: return exit_timed_out;
    case errc::no_such_file:
    case errc::nothing_received: return exit_not_there;
    case errc::unexpected_answer:
    case errc::redirected:
    case errc::refused_by_peer: return exit_refused;
    case errc::target_is_directory:
    case errc::target_exists:
    case errc::part_not_ours:
    case errc::target_busy: return exit_disk;
    case errc::connection_reset:
    case errc::cut_short:
    case errc::malformed_answer:
    case errc::short_file:
    case errc::tls_failed:
    case errc::not_the_file: return exit_protocol;
    case errc::certificate_refused: return exit_certificate;
    case errc::changed:
    case errc::digest_mismatch:
    case errc::unproved: return exit_integrity;
    case errc::not_encodable: return exit_text;
    case errc::interrupted: return 128 + what.number();
    case errc::system: break;
  }
  for (const char* const disk : {"create", "open", "rename", "sync", "write", "write to"}) {
    if (std::strcmp(what.operation(), disk) == 0) return exit_disk;
  }
  switch (what.number()) {
    case ECONNREFUSED:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return exit_no_connection;
    case ETIMEDOUT: return exit_timed_out;
    case ECONNRESET:
    case EPIPE: return exit_protocol;
    case EACCES:
    case EPERM: return std::strcmp(what.operation(), "listen on") == 0 ? exit_no_connection : exit_local;
    default: return exit_local;
  }
}

std::string cause_of(const error& what) {
  std::string line = reason_of(what);
  if (what.code() == errc::unknown_encoding) return line + ' ' + what.detail();
  const std::string what_to_do = what.code() == errc::system ? cure(what) : "";
  const std::string detail = what.detail().empty() ? std::string() : _(what.detail().c_str());
  for (const std::string& more : {text::escape_terminal(detail), what_to_do}) {
    if (!more.empty()) line += " (" + more + ')';
  }
  return line;
}

std::string message_of(const error& what) {
  std::string line = _(what.operation());
  if (!what.subject().empty()) line += ' ' + text::escape_terminal(what.subject());
  return line + ": " + cause_of(what);
}

std::string kept_text(const unfinished& what) {
  const std::string came = what.size ? fmt::format(fmt::runtime(_("{} of {} bytes")), what.bytes, *what.size)
                                     : fmt::format(fmt::runtime(_("{} bytes")), what.bytes);
  return what.path.empty() ? fmt::format(fmt::runtime(_("came: {}")), came)
                           : fmt::format(fmt::runtime(_("kept: {}, {}")), text::escape_terminal(what.path), came);
}

void say(const std::string& line) {
  const std::string whole = line + '\n';
  [[maybe_unused]] const auto written = write(STDERR_FILENO, whole.data(), whole.size());  // nowhere else to complain
}

int fail(const error& what) {
  say("sampan: " + message_of(what));
  return exit_status_of(what);
}

}  // namespace sampan::cli
