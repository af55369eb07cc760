#include "server/served_file.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "http/media_type.h"
#include "store/cache_probe.h"

namespace sampan::serving {

namespace {

using may = store::local_dir::may;

// Two writes within one tick of the kernel's clock (4 ms, 10 ms with HZ=100) may leave the same stamps.
constexpr std::int64_t settling_ns = 20'000'000;
// How often a file that is being written is read again, in hope of a moment without a change.
constexpr int read_tries = 3;

std::int64_t seconds(std::int64_t ns) {
  constexpr std::int64_t second = 1'000'000'000;
  return ns / second - (ns % second < 0 ? 1 : 0);
}

bool settled(const store::stamp& state, std::int64_t now) { return now - state.changed >= settling_ns; }

void append_hex(std::string& out, std::uint64_t value) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

std::string make_etag(const store::stamp& state, etag_kind kind, bool strong, std::string_view form) {
  const auto as_unsigned = [](std::int64_t time) { return static_cast<std::uint64_t>(time); };
  std::string tag;
  tag.reserve(64);
  tag += strong ? "\"" : "W/\"";
  if (kind == etag_kind::full) append_hex(tag, state.inode), tag += '-';
  append_hex(tag, state.size), tag += '-';
  append_hex(tag, as_unsigned(state.modified));
  if (kind == etag_kind::full) tag += '-', append_hex(tag, as_unsigned(state.changed));
  // RFC 9110 8.8.3.3: a neighbour of the same size and time is another representation.
  return tag.append(form).append("\"");
}

std::string_view last_component(std::string_view name) { return name.substr(name.rfind('/') + 1); }
std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == name.npos ? "." : name.substr(0, slash);
}

// Reads all of the file. Returns 0, EAGAIN if that needs the disk and must not, or errno.
int read_whole(int fd, may how, std::string& into, std::uint64_t size) {
  into.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const iovec rest{into.data() + filled, size - filled};
    const ssize_t got = preadv2(fd, &rest, 1, static_cast<off_t>(filled), how == may::block ? 0 : RWF_NOWAIT);
    if (got < 0 && errno == EOPNOTSUPP && how == may::only_use_caches) {
      if (!store::in_page_cache(fd, filled, size - filled)) return EAGAIN;
      how = may::block;  // it lives in memory
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  into.resize(filled);
  return 0;
}

// The content and the state that belong together: the stamps are the same before and after.
int load_content(served_file& file, int fd, may how) {
  for (int i = 0; i < read_tries; ++i) {
    if (file.state.size > served_file::most_content) break;
    if (const int number = read_whole(fd, how, file.ready, file.state.size)) return number;
    const store::stamp after = store::state_of(fd);
    if (after == store::stamp{}) return EIO;
    if (after == file.state) {
      file.in_memory = true;
      return 0;
    }
    file.state = after;
  }
  file.ready.clear();
  return 0;  // written to all the time: it goes out by sendfile, which tells of changes
}

const char* extension_of(http::coding coding) {
  switch (coding) {
    case http::coding::br: return ".br";
    case http::coding::zstd: return ".zst";
    case http::coding::gzip: return ".gz";
    case http::coding::identity: break;
  }
  return "";
}

// Tools that keep the time often keep whole seconds.
bool is_older(std::int64_t neighbour, std::int64_t original) {
  const bool whole_seconds = neighbour % 1'000'000'000 == 0;
  return whole_seconds ? seconds(neighbour) < seconds(original) : neighbour < original;
}

// The one neighbour that the client likes best, if it is fit to stand for the file.
struct neighbour {
  http::coding coding = http::coding::identity;
  store::object object;
  std::string name;
};

result<neighbour> find_neighbour(const store::local_dir& files, const std::string& name,
                                 const coding_preference& accepted, const store::stamp& original, may how,
                                 std::vector<served_file::witness>& passed_over) {
  for (const http::coding coding : accepted.order()) {
    const std::string neighbours_name = name + extension_of(coding);
    auto opened = files.open(neighbours_name, how);
    if (!opened && opened.error().is_system(EAGAIN)) return opened.error();
    if (!opened) continue;
    if (opened->is_folder || is_older(opened->state.modified, original.modified)) {
      passed_over.push_back({neighbours_name, opened->state});  // it may become fit without a change of its folder
      continue;
    }
    return neighbour{coding, std::move(*opened), neighbours_name};
  }
  return neighbour{};
}

}  // namespace

coding_preference::coding_preference(std::string_view accept_encoding) noexcept {
  bool br = true;
  bool zstd = true;
  bool gzip = true;
  while (count_ < order_.size()) {
    const http::coding best = http::choose_coding(accept_encoding, br, zstd, gzip);
    if (best == http::coding::identity) return;
    order_[count_++] = best;
    (best == http::coding::br ? br : best == http::coding::zstd ? zstd : gzip) = false;
  }
}

bool served_file::is_still_true(const store::local_dir& files) const noexcept {
  return std::all_of(witnesses.begin(), witnesses.end(),
                     [&](const witness& one) { return files.is_still(one.name, one.state); });
}

bool has_compressed_forms(std::string_view media_type) noexcept {
  constexpr std::array<std::string_view, 5> others = {"application/wasm", "application/json", "application/xml",
                                                      "application/manifest+json", "image/svg+xml"};
  return media_type.find("charset=") != media_type.npos || media_type.starts_with("text/") ||
         std::find(others.begin(), others.end(), media_type) != others.end();
}

found find_file(const store::local_dir& files, const std::string& name, const coding_preference& accepted,
                etag_kind kind, may how, std::int64_t now) {
  auto opened = files.open(name, how);
  if (!opened) return {nullptr, {}, opened.error()};
  if (opened->is_folder) return {nullptr, std::move(opened->fd), {}};

  const std::string& real_name = files.only().empty() ? name : files.only();
  auto file = std::make_shared<served_file>();
  file->media_type = http::media_type(last_component(real_name));
  file->varies = files.only().empty() && has_compressed_forms(file->media_type);
  file->state = opened->state;
  file->memorable = !opened->through_link;
  file->witnesses.push_back({real_name, opened->state});
  base::unique_fd fd = std::move(opened->fd);

  if (file->varies && !accepted.order().empty()) {
    // A neighbour that appears or goes changes its folder; it is asked first, so that a change meanwhile is not missed.
    const std::string folder_name = folder_of(real_name);
    auto folder = files.open(folder_name, how);
    if (!folder && folder.error().is_system(EAGAIN)) return {nullptr, {}, folder.error()};
    auto chosen = find_neighbour(files, real_name, accepted, opened->state, how, file->witnesses);
    if (!chosen) return {nullptr, {}, chosen.error()};
    file->memorable = file->memorable && folder && !folder->through_link && settled(folder->state, now);
    if (folder) file->witnesses.push_back({folder_name, folder->state});
    if (chosen->coding != http::coding::identity) {
      file->coding = chosen->coding;
      file->state = chosen->object.state;
      file->memorable = file->memorable && !chosen->object.through_link && settled(opened->state, now);
      file->witnesses.push_back({chosen->name, chosen->object.state});
      fd = std::move(chosen->object.fd);
    }
  }

  const int number = load_content(*file, fd.get(), how);
  if (number != 0) return {nullptr, {}, error::system(number, "read", name)};
  // load_content() may have seen a later state of the file than open() did.
  store::stamp& of_content =
      (file->coding == http::coding::identity ? file->witnesses.front() : file->witnesses.back()).state;
  of_content = file->state;
  if (!file->in_memory) file->fd = std::make_shared<const base::unique_fd>(std::move(fd));
  file->size = file->in_memory ? file->ready.size() : file->state.size;
  const bool strong = settled(file->state, now);
  file->memorable = file->memorable && strong;
  file->etag = make_etag(file->state, kind, strong, extension_of(file->coding));
  // RFC 9110 8.8.2.1: never later than the answer itself.
  file->modified = seconds(std::min(file->state.modified, now));
  return {std::move(file), {}, {}};
}

}  // namespace sampan::serving
