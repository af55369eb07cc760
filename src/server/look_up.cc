#include "server/look_up.h"

#include <cerrno>

namespace sampan::serving {

found look_up(const store::local_dir& files, const std::string& name, const coding_preference& accepted,
              const look_up_options& options, store::local_dir::may how, std::int64_t now) {
  found what = find_file(files, name, accepted, options.etag, how, now);
  const bool asked_as_folder = name.empty() || name.ends_with('/');
  if (!what.folder || !asked_as_folder || !options.index) return what;
  found index = find_file(files, name + "index.html", accepted, options.etag, how, now);
  const bool must_wait = !index.file && index.why.is_system(EAGAIN);
  return index.file || must_wait ? std::move(index) : std::move(what);
}

}  // namespace sampan::serving
