#include "client/mending.h"

#include <algorithm>

#include "base/digest.h"
#include "client/metalink.h"
#include "client/url.h"
#include "http/link.h"

namespace sampan::client {

namespace {

constexpr std::size_t portion = 256 * 1024;

std::string whole_body(response& got, std::size_t most, watch& patience) {
  std::string text;
  std::vector<char> buffer(portion);
  while (text.size() <= most) {
    const auto read = got.read(buffer, patience);
    if (!read) return {};
    if (*read == 0) return text;
    text.append(buffer.data(), *read);
  }
  return {};
}

}  // namespace

get_pieces described_pieces(origin& whom, const get_source& from, const http::response_head& head, std::uint64_t total,
                            watch& patience) {
  for (const auto value : head.values("Link")) {
    for (const auto& one : http::parse_links(value)) {
      if (!http::has_relation(one, "describedby") || one.type != "application/metalink4+xml") continue;
      const auto place = resolve_location(from, one.target);
      if (!place || !same_origin(*place, from)) continue;
      const auto got = whom.ask(*place, {}, patience);
      if (!got || (*got)->head.status != 200) continue;
      const auto files = parse_metalink(whole_body(**got, longest_metalink, patience));
      if (!files) continue;
      for (const auto& file : *files) {
        if (file.size != total || file.piece_length == 0 || file.piece_algorithm != base::digest_algorithm::sha256)
          continue;
        return {file.piece_length, file.piece_hashes};
      }
    }
  }
  return {};
}

result<std::vector<interval>> wrong_pieces(sink& file, std::uint64_t total, const get_pieces& known) {
  std::vector<interval> wrong;
  if (known.length == 0 || known.sha256.size() != (total + known.length - 1) / known.length) return wrong;
  std::vector<char> buffer(portion);
  for (std::size_t i = 0; i < known.sha256.size(); ++i) {
    const interval piece{i * known.length, std::min(total, (i + 1) * known.length)};
    base::hasher sum(base::digest_algorithm::sha256);
    for (std::uint64_t at = piece.begin; at < piece.end;) {
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(portion, piece.end - at));
      const auto got = file.read(at, std::span(buffer).first(most));
      if (!got) return got.error();
      if (*got == 0) break;
      sum.update(std::span<const char>(buffer).first(*got));
      at += *got;
    }
    if (sum.finish() != known.sha256[i]) wrong.push_back(piece);
  }
  return wrong;
}

}  // namespace sampan::client
