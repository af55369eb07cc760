// Writes the heads of HTTP answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/range.h"
#include "server/http_settings.h"
#include "server/served_file.h"

namespace sampan::serving {

/// How the connection goes on after an answer, as the client has to be told.
enum class persistence : unsigned char {
  keeps,         ///< HTTP/1.1, nothing to say
  keeps_http10,  ///< HTTP/1.0 with keep-alive
  ends,
};

/// Appends a head field by field. Thread: pure but for what it appends to.
class head_writer {
 public:
  /// The status line, Date, and what stands in every head.
  /// @param now  s since 1970
  head_writer(std::string& out, int status, std::int64_t now, persistence then, const http_settings& settings);
  head_writer& add(std::string_view name, std::string_view value);
  head_writer& add(std::string_view name, std::uint64_t value);
  head_writer& add_content_range(http::byte_range range, std::uint64_t size);
  head_writer& add_lines(std::string_view whole_lines);
  /// Type, coding and validators of a representation.
  head_writer& describe(const served_file& file);
  /// The same without its type, as a 304 has it (RFC 9110 15.4.5).
  head_writer& identify(const served_file& file);
  void end() { out_ += "\r\n"; }

 private:
  std::string& out_;
};

/// Puts the head of the answer to a plain GET in front of the file's content.
void make_ready(served_file& file, std::int64_t now, const http_settings& settings);
/// Brings the Date in it up to date.
void refresh_date(served_file& file, std::int64_t now);

}  // namespace sampan::serving
