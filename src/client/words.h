// What a message quotes of a server's answer, and what it calls a download.
#pragma once

#include <string>
#include <string_view>

#include "http/response.h"
#include "sampan/get.h"

namespace sampan::client {

/// Words of a server, cut where they say no more to a person.
std::string quoted(std::string_view words);
/// `404 Not Found`.
std::string status_words(const http::response_head& head);
/// What is asked for, as a message names it.
const std::string& subject_of(const get_source& source) noexcept;

}  // namespace sampan::client
