// From the path of a request to what is served for it.
#pragma once

#include <string>

#include "sampan/serve.h"
#include "server/served_file.h"

namespace sampan::serving {

struct look_up_options {
  bool index = true;
  etag_kind etag = etag_kind::full;
};

/// As find_file(); a folder asked for as one (with a slash after its name, or the root) gives its index.html, if there is one.
/// @param now  ns since 1970. Thread: any.
found look_up(const store::local_dir& files, const std::string& name, const coding_preference& accepted,
              const look_up_options& options, store::local_dir::may how, std::int64_t now);

}  // namespace sampan::serving
