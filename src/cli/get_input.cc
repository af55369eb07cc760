#include "cli/get_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"
#include "cli/i18n.h"
#include "cli/signals.h"
#include "client/checksums.h"
#include "net/wait.h"

namespace sampan::cli {

namespace {

// Longer than any URL that servers take, short against the memory of a list.
constexpr std::size_t longest_line = 16 << 10;

error too_large(const std::string& what, std::size_t most) {
  return error::make(errc::bad_value, "read", what, fmt::format(fmt::runtime(_("more than {} bytes")), most));
}

}  // namespace

result<std::string> read_whole(const std::string& path, std::size_t most, int signals) {
  const bool is_stdin = path == "-";
  const base::unique_fd opened(is_stdin ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!is_stdin && !opened) return error::system(errno, "read", path);
  const int fd = is_stdin ? STDIN_FILENO : opened.get();
  net::patience limits;
  limits.interrupt_fd = signals;
  std::string text;
  std::array<char, 64 << 10> piece{};
  for (;;) {
    if (net::wait_for(fd, POLLIN, limits) == net::waited::interrupted) {
      return error::numbered(errc::interrupted, pending_signal(), "read", path);
    }
    const auto got = read(fd, piece.data(), piece.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return error::system(errno, "read", path);
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > most) return too_large(path, most);
  }
}

result<std::vector<std::string>> parse_url_list(std::string_view list, const std::string& name) {
  std::vector<std::string> urls;
  for (std::size_t number = 1; !list.empty(); ++number) {
    const std::size_t end = std::min(list.find('\n'), list.size());
    std::string_view line = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const auto wrong = [&](const char* why) {
      return error::make(errc::bad_value, "read", fmt::format("{}:{}", name, number), why);
    };
    if (line.size() > longest_line) return wrong(_("the line is too long"));
    const auto last = line.find_last_not_of(" \t\r");
    if (last == line.npos || line.front() == '#') continue;
    if (line.front() == ' ' || line.front() == '\t')
      return wrong(_("options within a list are not read; one URL a line"));
    urls.emplace_back(line.substr(0, last + 1));
  }
  return urls;
}

result<std::string> fetch_whole(get_run& run, const std::string& url, get_options options, std::size_t most) {
  const auto source = parse_get_url(url);
  if (!source) return source.error();
  // Memory that cannot grow beyond the limit, whatever the server sends.
  const base::unique_fd memory(memfd_create("sampan", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory || ftruncate(memory.get(), static_cast<off_t>(most)) != 0 ||
      fcntl(memory.get(), F_ADD_SEALS, F_SEAL_GROW) != 0) {
    return error::system(errno, "create", url);
  }
  options.output = url;
  options.output_fd = memory.get();
  options.sha256.clear();
  options.mirrors.clear();
  const auto done = run.get(*source, options);
  if (!done && done.error().is_system(EPERM)) return too_large(url, most);
  if (!done) return done.error();
  std::string text(done->bytes, '\0');
  const auto got = pread(memory.get(), text.data(), text.size(), 0);
  if (got != static_cast<ssize_t>(text.size())) return error::system(errno, "read", url);
  return text;
}

result<std::string> listed_sha256(std::string_view sums, const get_source& source, const std::string& name) {
  const auto slash = source.name.rfind('/');
  const std::string file = slash == source.name.npos ? source.name : source.name.substr(slash + 1);
  bool contradictory = false;
  const auto found = client::find_sha256(sums, file, &contradictory);
  if (contradictory) {
    return error::make(errc::bad_value, "read", name, fmt::format(fmt::runtime(_("several digests for {}")), file));
  }
  return found.value_or("");
}

}  // namespace sampan::cli
