// How `sampan listen` and `sampan talk` make bytes of what is typed, and records of the bytes that come and go.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sampan::talk {

using std::chrono::milliseconds;

/// A check value behind each message that is sent.
enum class checksum {
  none,
  crc16,  ///< CRC-16/MODBUS, the low byte first, as Modbus RTU sends it
  crc32,  ///< CRC-32 as in Ethernet and zip, the low byte first
  sum,    ///< all bytes added up, modulo 256: one byte
  exor,   ///< all bytes combined by exclusive or: one byte
};

/// What is done to a text before it is sent.
struct sending_form {
  bool raw = false;      ///< what is read from the input are bytes, not UTF-8: sent as they are, but for crlf and check
  bool escapes = false;  ///< `\xHH` `\r` `\n` `\t` `\0` `\\` stand for bytes
  bool crlf = false;     ///< a line feed without a carriage return before it gets one
  checksum check = checksum::none;  ///< behind each line's text, before its end; behind the whole of what has no lines
};

/// What makes a record of the bytes that came.
struct framing {
  enum class by { read, line, size, gap };
  by what = by::read;  ///< what one read gave
  std::size_t size = 0;
  milliseconds gap{0};  ///< without a byte: the record is complete
};
/// A record is cut here, whatever the framing: what has no end must not fill the memory.
inline constexpr std::size_t longest_record = 64 * 1024;

/// What both sides of a conversation do with text and bytes, and what they say by themselves.
struct dialogue_form {
  std::string encoding = "gbk";  ///< a name of the list, see errc::unknown_encoding
  sending_form sending;
  framing frames;
  /// Automatic replies to messages: each `[exact:|contains:|prefix:|regex:]PATTERN=>REPLY`, or a text for any message. See docs/talk.md.
  /// Not given: a server in reply mode says default_reply, everybody else nothing.
  std::optional<std::vector<std::string>> replies;
  milliseconds reply_delay{0};  ///< from the end of a message to its reply
  unsigned reply_limit =
      50;  ///< replies to one peer within 10 s; more are dropped as a loop of two programs; 0: any number
  milliseconds every{0};  ///< how often `periodic` is sent in a conversation; 0: never
  std::string periodic;   ///< escapes and placeholders as in a REPLY
};

/// Seen from here.
enum class direction { in, out };

/// Bytes that came from a peer or went to it.
struct record {
  std::chrono::system_clock::time_point time;
  direction way = direction::in;
  std::uint64_t client = 0;  ///< of a server: the client's number
  std::string peer;          ///< `127.0.0.1:36850`
  std::string bytes;
  std::string text;  ///< what they stand for, in UTF-8; unescaped
};

}  // namespace sampan::talk
