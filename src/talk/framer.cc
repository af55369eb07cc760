#include "talk/framer.h"

#include <algorithm>
#include <utility>

namespace sampan::talk {

// How many of the bytes belong to the record that is held; more than there are: it is not complete.
std::size_t framer::wanted(std::string_view bytes) const noexcept {
  const std::size_t room = longest_record - held_.size();
  std::size_t until_end = std::string_view::npos;
  switch (how_.what) {
    case framing::by::read: until_end = bytes.size(); break;
    case framing::by::line:
      if (const auto end = bytes.find('\n'); end != std::string_view::npos) until_end = end + 1;
      break;
    case framing::by::size: until_end = std::max<std::size_t>(how_.size, 1) - held_.size(); break;
    case framing::by::gap: break;
  }
  return std::min(room, until_end);
}

void framer::feed(std::string_view bytes, std::vector<std::string>& records) {
  while (!bytes.empty()) {
    const std::size_t take = wanted(bytes);
    held_ += bytes.substr(0, take);
    if (take > bytes.size()) return;
    bytes.remove_prefix(take);
    finish(records);
  }
}

void framer::finish(std::vector<std::string>& records) {
  if (!held_.empty()) records.push_back(std::exchange(held_, {}));
}

}  // namespace sampan::talk
