// What the client would rather have: which content coding, which form of a listing.
#pragma once

#include <string_view>

namespace sampan::http {

enum class coding : unsigned char { identity, gzip, br, zstd };

/// Chooses among the codings that there are of a representation: the one with the highest weight; of equal ones `br`, then `zstd`, then
/// `gzip` (`x-gzip` is the same), and `identity` last, even where it weighs nothing of its own. A weight of 0 forbids; `*` stands for
/// what is not named; a member that cannot be read counts as not there, and of a coding named twice the first counts.
/// @param accept_encoding  as received; absent or empty: identity. Where even that is forbidden it is the answer all the same, which a
///                         server may give (RFC 9110 12.5.3)
/// Cost: O(n), no allocation. Thread: pure. Source: RFC 9110 8.4.1.3, 12.4.2, 12.5.3.
coding choose_coding(std::string_view accept_encoding, bool has_br, bool has_zstd, bool has_gzip) noexcept;

enum class listing_form { html, json, text };

/// Chooses the form of a folder's listing by the weights of text/html, application/json and text/plain, each given by the range that
/// names it most exactly. Of equal ones the more exactly named wins, so that `application/json, */*` gets JSON; then html, json, text.
/// Absent, empty, `*/*` or nothing of the three: html.
/// Cost: O(n), no allocation. Thread: pure. Source: RFC 9110 12.5.1.
listing_form choose_listing(std::string_view accept) noexcept;

}  // namespace sampan::http
