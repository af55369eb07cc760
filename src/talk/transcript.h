// The record of traffic: what came and went when, as NDJSON and back.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sampan/error.h"
#include "sampan/talk_forms.h"

namespace sampan::talk {

/// One line of NDJSON with its end:
/// `{"time":"2026-03-01T13:05:09.649Z","delta_ms":12,"direction":"in","client":2,"peer":"…","size":4,"hex":"c4e3bac3","text":"你好"}`.
/// `hex` is what counts; `text` is how it was shown. Cost: O(n). Thread: pure. Source: RFC 8259, RFC 3339 5.6.
/// @param delta  since the record before
std::string record_to_json(const record& what, milliseconds delta);

/// What is needed to send a record again.
struct replayable {
  milliseconds delta{0};
  direction way = direction::out;
  std::uint64_t client = 0;
  std::string bytes;
};

/// One line of such a file. The order of the members is free, unknown ones are passed over if they are texts, numbers or words.
/// @error errc::bad_value, detail: what is wrong. Cost: O(n). Thread: pure.
result<replayable> record_from_json(std::string_view line);

}  // namespace sampan::talk
