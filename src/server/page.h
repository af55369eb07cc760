// What all pages of the server have in common: how they begin, how they look, and what a browser may do with them.
#pragma once

#include <string>
#include <string_view>

namespace sampan::serving {

/// The value of Content-Security-Policy for every page: nothing is loaded, run or sent, whatever a name brings with it; the one style
/// is known by its digest. Source: CSP Level 3, 2.3.1, 6.7.2.4 (base-uri and form-action do not fall back to default-src).
inline constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'sha256-2Y+RuOqrcQSCoHv+PE3G3QTb/mr8+FWWczYYD2J+Huo='; base-uri 'none'; form-action "
    "'none'";

/// Appends a page up to where its body begins; the caller appends the body. The end tags may be left out
/// (HTML Standard, 13.1.2.4).
/// @param title  any bytes; escaped here.
void begin_page(std::string_view title, std::string& out);

}  // namespace sampan::serving
