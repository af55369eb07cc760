#include "client/words.h"

namespace sampan::client {

std::string quoted(std::string_view words) {
  constexpr std::size_t longest_quote = 500;
  if (words.size() <= longest_quote) return std::string(words);
  return std::string(words.substr(0, longest_quote)) + "…";
}

std::string status_words(const http::response_head& head) {
  return std::to_string(head.status) + (head.reason.empty() ? "" : ' ' + quoted(head.reason));
}

const std::string& subject_of(const get_source& source) noexcept {
  return source.name.empty() ? source.request_target : source.name;
}

}  // namespace sampan::client
