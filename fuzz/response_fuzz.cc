// The parser of answers' heads: any split gives the same, texts hold no CR, LF or NUL, and limits hold.
#include <algorithm>
#include <cstdlib>

#include "http/response.h"

namespace {

using sampan::http::response_parser;

struct outcome {
  response_parser parser;
  response_parser::step end;
};

void feed(outcome& sum, std::string_view bytes) {
  const auto step = sum.parser.feed(bytes);
  if (step.taken > bytes.size()) std::abort();
  sum.end.taken += step.taken;
  sum.end.now = step.now;
}

bool same(const outcome& a, const outcome& b) {
  const auto& x = a.parser.head();
  const auto& y = b.parser.head();
  if (a.end.now != b.end.now || std::string_view(a.parser.problem()) != b.parser.problem()) return false;
  if (a.end.now != response_parser::state::complete) return true;
  return a.end.taken == b.end.taken && x.status == y.status && x.reason == y.reason &&
         std::equal(x.fields.begin(), x.fields.end(), y.fields.begin(), y.fields.end(),
                    [](const auto& f, const auto& g) { return f.name == g.name && f.value == g.value; });
}

bool clean(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = std::min<std::size_t>(data[0] * 256U + data[1], bytes.size());
  outcome whole;
  feed(whole, bytes);
  outcome split;
  feed(split, bytes.substr(0, cut));
  feed(split, bytes.substr(cut));
  outcome single;
  for (std::size_t i = 0; i < bytes.size(); ++i) feed(single, bytes.substr(i, 1));
  if (!same(whole, split) || !same(whole, single)) std::abort();
  if (whole.end.now != response_parser::state::complete) return 0;
  const auto& head = whole.parser.head();
  bool good = head.status >= 100 && head.status <= 599 && head.fields.size() <= response_parser::most_fields &&
              whole.end.taken <= response_parser::longest_head && clean(head.reason);
  for (const auto& field : head.fields) good = good && !field.name.empty() && clean(field.name) && clean(field.value);
  if (!good) std::abort();
  const auto framing = sampan::http::framing_of(head);
  if (framing.length > INT64_MAX) std::abort();
  return 0;
}
