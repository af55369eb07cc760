// What people read about the experiments: titles, claims, sabotages and reasons, by the names that the lab gives them.
#pragma once

#include <string>
#include <string_view>

namespace sampan::cli {

// Translated, one sentence without its end. Unknown names are given back.
std::string lab_title(std::string_view experiment);
std::string lab_reason(std::string_view experiment);
std::string lab_claim(std::string_view id);
std::string lab_sabotage(std::string_view name);

}  // namespace sampan::cli
