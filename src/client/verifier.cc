#include "client/verifier.h"

#include <algorithm>

#include "text/hex.h"

namespace sampan::client {

namespace {

const char* name_of(base::digest_algorithm algorithm) {
  switch (algorithm) {
    case base::digest_algorithm::sha512: return "sha-512";
    case base::digest_algorithm::sha256: return "sha-256";
    case base::digest_algorithm::sha1: return "sha-1";
    case base::digest_algorithm::md5: return "md5";
  }
  return "";
}

}  // namespace

void verifier::begin_again() {
  hashed_ = 0;
  for (auto& one : checks_) one.sum = base::hasher(one.wanted.algorithm);
}

void verifier::expect(const http::digest& wanted, const char* source) {
  const std::lock_guard guard(mutex_);
  add(wanted, source);
}

void verifier::add(const http::digest& wanted, const char* source) {
  if (std::any_of(checks_.begin(), checks_.end(), [&](const check& one) { return one.wanted == wanted; })) return;
  checks_.push_back({wanted, source, base::hasher(wanted.algorithm)});
  // The strongest first, which is the order of the enumeration.
  std::stable_sort(checks_.begin(), checks_.end(),
                   [](const check& a, const check& b) { return a.wanted.algorithm < b.wanted.algorithm; });
  if (hashed_ > 0) begin_again();
  any_ = true;
}

// Content-Digest is that of what the answer carries, which is the whole file in a 200 (RFC 9530 2).
std::string verifier::expect_from(const http::response_head& head) {
  const std::lock_guard guard(mutex_);
  std::string note;
  const auto take = [&](const char* name, http::digest_reading (*read)(std::span<const std::string_view>)) {
    const auto values = head.values(name);
    if (values.empty()) return;
    const auto found = read(values);
    if (note.empty()) note = found.note;
    if (found.best) add(*found.best, name);
  };
  take("Repr-Digest", http::read_repr_digest);
  if (head.status == 200) take("Content-Digest", http::read_repr_digest);
  take("Digest", http::read_digest);
  return note;
}

void verifier::hash(std::span<const char> bytes) {
  for (auto& one : checks_) one.sum.update(bytes);
  hashed_ += bytes.size();
}

bool verifier::is_next(std::uint64_t offset) {
  const std::lock_guard guard(mutex_);
  return !checks_.empty() && hashed_ == offset;
}

void verifier::wrote(std::uint64_t offset, std::span<const char> bytes) {
  const std::lock_guard guard(mutex_);
  if (checks_.empty()) return;
  if (offset <= hashed_ && hashed_ < offset + bytes.size())
    hash(bytes.subspan(static_cast<std::size_t>(hashed_ - offset)));
}

result<const char*> verifier::finish(sink& file, std::uint64_t total) {
  if (checks_.empty()) return "";
  constexpr std::size_t portion = 256 * 1024;
  std::vector<char> buffer(hashed_ < total ? portion : 0);
  while (hashed_ < total) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(portion, total - hashed_));
    const auto got = file.read(hashed_, std::span(buffer).first(most));
    if (!got) return got.error();
    if (*got == 0) return error::make(errc::changed, "read", file.path(), "its bytes cannot be read back");
    hash(std::span<const char>(buffer.data(), *got));
  }
  for (auto& one : checks_) {
    const std::string sum = one.sum.finish();
    if (sum == one.wanted.bytes) continue;
    return error::make(errc::digest_mismatch, "get", file.path(),
                       std::string(name_of(one.wanted.algorithm)) + ' ' + text::hex_encode(sum) + ", " + one.source +
                           ": " + text::hex_encode(one.wanted.bytes));
  }
  return name_of(checks_.front().wanted.algorithm);
}

}  // namespace sampan::client
