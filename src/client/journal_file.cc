#include "client/journal_file.h"

#include <fcntl.h>

#include <cerrno>

namespace sampan::client {

result<journal_reading> read_journal_file(const target_folder& folder, const std::string& name) {
  const int fd = again([&] { return folder.system().open_at(folder.fd(), name.c_str(), O_RDONLY, 0); });
  if (fd < 0) return folder.failed(fd, "open", name);
  const open_file file(folder.system(), fd);
  struct stat about {};
  if (const int known = file.stat(about); known < 0) return folder.failed(known, "open", name);
  if (about.st_size > static_cast<off_t>(2 * longest_journal)) return journal_reading{};
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  const auto size = file.read(bytes, 0);
  if (size < 0) return folder.failed(static_cast<int>(size), "read", name);
  bytes.resize(static_cast<std::size_t>(size));
  return read_journal(bytes);
}

result<void> journal_file::start(target_folder& folder, const std::string& name, const journal_header& header,
                                 const intervals& held) {
  const std::string fresh = name + ".new";
  if (auto removed = folder.remove(fresh); !removed) return removed;  // of a run that was killed here
  files& system = folder.system();
  // Only for the user: URLs and names of what others fetch are nobody's business.
  const int fd = again([&] { return system.open_at(folder.fd(), fresh.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600); });
  if (fd < 0) return folder.failed(fd, "create", fresh);
  open_file file(system, fd);
  journal_writer writer;
  const std::string bytes = writer.begin(header, held);
  std::uint64_t done = 0;
  if (const int written = file.write(bytes, 0, done); written < 0) return folder.failed(written, "write", fresh);
  if (const int synced = file.sync(); synced < 0) return folder.failed(synced, "sync", fresh);
  if (auto renamed = folder.rename(fresh, name); !renamed) return renamed;
  name_ = name;
  header_ = header;
  writer_ = writer;
  file_ = std::move(file);
  end_ = bytes.size();
  return folder.sync();
}

result<void> journal_file::append(target_folder& folder, const intervals& held) {
  journal_writer writer = writer_;
  const std::string bytes = writer.next(held);
  if (end_ + bytes.size() > longest_journal) return start(folder, std::string(name_), journal_header(header_), held);
  std::uint64_t done = 0;
  if (const int written = file_.write(bytes, end_, done); written < 0) return folder.failed(written, "write", name_);
  if (const int synced = file_.data_sync(); synced < 0) return folder.failed(synced, "sync", name_);
  // Only now: after an error the next line is written over the torn one.
  writer_ = writer;
  end_ += bytes.size();
  return {};
}

}  // namespace sampan::client
