#include "text/converter.h"

#include <array>
#include <cerrno>
#include <cstdint>

namespace sampan::text {
namespace {

constexpr std::size_t block_bytes = 4096;  // on the stack; a longer conversion takes several rounds

// iconv_open's failure is (iconv_t)-1; compared as a number, since the cast to a pointer would be one more -W to silence.
bool failed(iconv_t cd) noexcept { return reinterpret_cast<std::intptr_t>(cd) == -1; }

}  // namespace

result<converter> converter::open(const char* to, const char* from) {
  iconv_t cd = iconv_open(to, from);
  if (failed(cd)) return error::system(errno, "iconv_open", from);
  return converter(cd);
}

stop converter::run(std::string_view& in, std::string& out) {
  std::array<char, block_bytes> block;
  for (;;) {
    char* source = const_cast<char*>(in.data());  // iconv(3) does not write there: its prototype is older than const
    std::size_t source_left = in.size();
    char* target = block.data();
    std::size_t target_left = block.size();
    const std::size_t rc = iconv(cd_.get(), &source, &source_left, &target, &target_left);
    const int number = errno;
    out.append(block.data(), block.size() - target_left);
    in.remove_prefix(in.size() - source_left);
    if (rc != static_cast<std::size_t>(-1)) return stop::end;
    if (number == EINVAL) return stop::incomplete;
    if (number != E2BIG) return stop::invalid;
  }
}

bool converter::convert_all(std::string_view in, std::string& out) {
  out.clear();
  return run(in, out) == stop::end;
}

}  // namespace sampan::text
