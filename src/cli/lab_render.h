// The lab's records as text, at most 60 columns wide, and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "lab/experiment.h"

namespace sampan::cli {

inline constexpr std::size_t lab_width = 60;  ///< columns: half of a wide terminal, or a small one

/// Breaks at blanks and beside wide characters, and puts `indent` blanks before each line but the first, which begins with `first`.
/// Lines end in LF. A word that is too long for a line stays whole. Pure.
std::string wrapped(std::string_view text, std::string_view first, std::size_t indent);

/// One step as lines of text. Pure, but for the language.
std::string lab_text(const lab::step& one);

/// One step as a line of JSON. @param experiment, sabotage  names; the latter may be empty
std::string lab_json(std::string_view experiment, std::string_view sabotage, const lab::step& one);

}  // namespace sampan::cli
