// What the connections of one download share.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "client/exchange.h"
#include "client/identity.h"
#include "client/pieces.h"
#include "client/sink.h"
#include "client/verifier.h"

namespace sampan::client {

/// One file that is being fetched. Thread: what is said at each member.
struct download {
  download(origin& who, const get_source& from, const get_options& how) : whom(who), source(from), options(how) {}

  // Set before other lanes begin, and then only read.
  origin& whom;
  const get_source& source;
  const get_options& options;
  std::unique_ptr<sink> file;
  std::optional<identity> known;
  std::size_t primary = 0;  ///< the place that told what is known; 0 is the source, the others are its mirrors

  std::size_t places() const noexcept { return 1 + options.mirrors.size(); }
  const get_source& place(std::size_t which) const noexcept { return which == 0 ? source : options.mirrors[which - 1]; }

  // Thread: any.
  std::atomic<std::uint64_t> came{0};    ///< bytes that were written
  std::atomic<bool> stop{false};         ///< all lanes are to end
  std::atomic<bool> ranges_work{true};   ///< until a server sends the whole instead of a part
  std::atomic<bool> use_if_range{true};  ///< until a server sends the whole for its sake alone
  std::atomic<bool> length_told{false};  ///< the file's end was told, not only that of the connection
  std::atomic<bool> surplus{false};      ///< a server sent more than it had announced
  verifier verify;

  mutable std::mutex mutex;  // of what follows
  pieces parts;

  error problem(errc code, std::string_view detail = {}) const {
    return error::make(code, "get", source.name.empty() ? source.request_target : source.name, detail);
  }
};

}  // namespace sampan::client
