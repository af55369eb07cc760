// Which media type a file is sent as, told from its name.
#pragma once

#include <string_view>

namespace sampan::http {

/// The complete value of Content-Type. The ending after the last dot decides, or the whole name for those that are known without one
/// (`README`, `Makefile`, `.gitignore`); letters count without case. What is text says `; charset=utf-8`, what is unknown is
/// `application/octet-stream`: with `nosniff` a browser then saves it. `.tar.gz` is application/gzip: the bytes go out as they
/// are, and a client must not unpack them on the way as it would a content coding.
/// @param file_name  a name or a path; what comes before the last `/` does not matter
/// @return           a literal
/// Cost: O(log n), no allocation. Thread: pure. Source: IANA's registry of media types; RFC 9239 (JavaScript), RFC 9110 8.3.
std::string_view media_type(std::string_view file_name) noexcept;

}  // namespace sampan::http
