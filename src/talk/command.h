// A line that a person typed: text for the peers, or a command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sampan::talk {

enum class command_kind {
  text,      ///< to be sent
  hex,       ///< `/hex 02 45`: bytes to be sent
  quit,      ///< `/quit`
  who,       ///< `/who`: the clients
  kick,      ///< `/kick 2`
  encoding,  ///< `/encoding NAME`, `/encoding 2 NAME`
  escapes,   ///< `/escapes on`, `/escapes off`
  other,     ///< a word behind `/` that the library does not know; for whoever shows
  wrong,     ///< a known word with arguments that make no sense
};

struct typed_command {
  command_kind kind = command_kind::text;
  std::uint64_t client = 0;  ///< `@2 text`, `/kick 2`; 0: all
  std::string
      text;  ///< with its line end; of a command the argument, without; of other and wrong the whole line, without
  bool to_all = false;  ///< `@all text`
  bool operator==(const typed_command&) const = default;
};

/// `/` begins a command, `//` a text that begins with one slash. `@2 ` before a text or `/hex` says for whom it is, `@all ` for everybody; any
/// other `@` is text. @param line  with or without its line end. Cost: O(n). Thread: pure.
typed_command read_command(std::string_view line);

}  // namespace sampan::talk
