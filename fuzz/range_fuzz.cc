// select_ranges(): for any value the ranges lie inside and do not touch; for sets of small ranges they are what a map of the bytes says.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/range.h"

using sampan::http::byte_range;
using sampan::http::selection;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_any(std::string_view value, std::uint64_t size) {
  std::vector<byte_range> out = {{1, 0}};
  const auto answer = sampan::http::select_ranges(value, size, out);
  require((answer == selection::partial) == !out.empty() && out.size() <= sampan::http::most_ranges);
  std::uint64_t sum = 0;
  for (const auto& range : out) {
    require(range.first <= range.last && range.last < size);
    require(size - sum >= range.length());
    sum += range.length();
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < out.size(); ++i) require(out[i].first - out[i - 1].last > 1);
}

constexpr std::size_t size_of_map = 40;

// Which spec asked first for each byte; a piece is a run of asked bytes, and its place is that of its first spec.
struct map {
  std::size_t asked_by[size_of_map];
  std::vector<byte_range> pieces() const {
    struct piece {
      byte_range range;
      std::size_t spec;
    };
    std::vector<piece> found;
    bool open = false;
    for (std::size_t byte = 0; byte < size_of_map; ++byte) {
      const bool asked = asked_by[byte] != nobody;
      if (asked && !open) found.push_back({{byte, byte}, asked_by[byte]});
      if (asked && open) found.back() = {{found.back().range.first, byte}, std::min(found.back().spec, asked_by[byte])};
      open = asked;
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.spec < b.spec; });
    std::vector<byte_range> ranges;
    for (const auto& each : found) ranges.push_back(each.range);
    return ranges;
  }
  static constexpr std::size_t nobody = ~std::size_t{0};
};

// Each two bytes of the input are one range: `a-b`, `a-` or `-b`.
void check_small(const unsigned char* data, std::size_t size) {
  map wanted{};
  std::fill(std::begin(wanted.asked_by), std::end(wanted.asked_by), map::nobody);
  std::string value = "bytes=";
  const std::size_t specs = std::min(size / 2, sampan::http::most_ranges);
  for (std::size_t spec = 0; spec < specs; ++spec) {
    const std::size_t kind = data[spec * 2] / 64;
    std::size_t first = data[spec * 2] % 64, last = first + data[spec * 2 + 1] % 64;
    if (kind == 0) {
      value += '-' + std::to_string(last) + ',';
      first = size_of_map - std::min(last, size_of_map);
      last = size_of_map - 1;
    } else if (kind == 1) {
      value += std::to_string(first) + "-,";
      last = size_of_map - 1;
    } else {
      value += std::to_string(first) + '-' + std::to_string(last) + ',';
    }
    for (std::size_t byte = first; byte <= last && byte < size_of_map; ++byte) {
      wanted.asked_by[byte] = std::min(wanted.asked_by[byte], spec);
    }
  }
  std::vector<byte_range> out;
  const auto answer = sampan::http::select_ranges(value, size_of_map, out);
  require(out == wanted.pieces());
  if (out.empty()) require(answer == (specs == 0 ? selection::whole : selection::unsatisfiable));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  for (const std::uint64_t of : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}, ~std::uint64_t{0}}) {
    check_any(value, of);
    check_any("bytes=" + std::string(value), of);
  }
  check_small(data, size);
  return 0;
}
