// read_journal(): any lines, each with its right checksum, give nothing or what a writer writes and the reader gives back; and a
// good state stays readable, whatever comes behind it.
#include <boost/crc.hpp>
#include <cstdlib>
#include <string>

#include "client/journal.h"

namespace {

using namespace sampan::client;

std::string sealed(std::string_view lines) {
  boost::crc_32_type checksum;
  std::string bytes;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    checksum.process_bytes(line.data(), line.size());
    constexpr char digits[] = "0123456789abcdef";
    for (int shift = 28; shift >= 0; shift -= 4) bytes += digits[checksum.checksum() >> shift & 15];
    bytes.append(" ").append(line).append("\n");
  }
  return bytes;
}

void check(std::string_view bytes) {
  const auto reading = read_journal(bytes);
  const bool good = reading.condition == journal_condition::whole || reading.condition == journal_condition::torn;
  if (good != reading.state.has_value()) std::abort();
  if (!good) return;
  journal_writer writer;
  auto again = writer.begin(reading.state->header, reading.state->held);
  if (read_journal(again).state != reading.state) std::abort();
  again += writer.next(reading.state->held);
  if (read_journal(again).condition != journal_condition::whole) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input);
  check(sealed(input));
  // Behind a good line: only lines that were written behind it count.
  journal_writer writer;
  const auto good = writer.begin({}, {});
  if (!read_journal(good + std::string(input)).state) std::abort();
  return 0;
}
