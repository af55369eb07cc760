#include "client/metalink.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "sampan/get.h"
#include "text/hex.h"

namespace sampan::client {

namespace {

constexpr char namespace_end = ' ';
constexpr std::string_view metalink_namespace = "urn:ietf:params:xml:ns:metalink";
// No longer text is used: URLs are shorter, and so are digests.
constexpr std::size_t longest_text = 8192;
constexpr std::uint32_t least_preferred = 999'999;  // RFC 5854 4.2.16: what a URL without a priority has

// The names of IANA's "Hash Function Textual Names".
std::optional<base::digest_algorithm> algorithm_of(std::string_view name) {
  if (http::same_word(name, "sha-512")) return base::digest_algorithm::sha512;
  if (http::same_word(name, "sha-256")) return base::digest_algorithm::sha256;
  if (http::same_word(name, "sha-1")) return base::digest_algorithm::sha1;
  if (http::same_word(name, "md5")) return base::digest_algorithm::md5;
  return std::nullopt;
}

// RFC 5854 4.1.2.1.
bool stays_below(std::string_view name) {
  if (name.empty() || name.starts_with('/')) return false;
  while (!name.empty()) {
    const auto component = name.substr(0, name.find('/'));
    if (component == "." || component == "..") return false;
    name.remove_prefix(std::min(component.size() + 1, name.size()));
  }
  return true;
}

bool can_be_asked(std::string_view url) {
  const auto read = parse_get_url(url);
  return read && read->protocol == get_protocol::http && !read->has_credentials;
}

std::string_view trim_space(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";  // XML 1.0 2.3
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

// A file while it is read.
struct draft {
  metalink_file file;
  struct url {
    std::uint32_t priority;
    std::string text;
  };
  std::vector<url> urls;
};

// A list of pieces while it is read.
struct piece_list {
  std::optional<base::digest_algorithm> algorithm;
  std::uint64_t length = 0;
  std::vector<std::string> hashes;
  bool is_sound = true;
};

class reader {
 public:
  reader() : parser_(XML_ParserCreateNS(nullptr, namespace_end), XML_ParserFree) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
          static_cast<reader*>(self)->open(name, attributes);
        },
        [](void* self, const XML_Char*) { static_cast<reader*>(self)->close(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int length) {
      static_cast<reader*>(self)->add(std::string_view(text, static_cast<std::size_t>(length)));
    });
    XML_SetStartDoctypeDeclHandler(parser_.get(),
                                   [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
                                     static_cast<reader*>(self)->stop("a document type is not read");
                                   });
  }

  // Why it cannot be read; nullptr if it was.
  const char* read(std::string_view xml) {
    const auto done = XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
    return problem_ ? problem_ : done == XML_STATUS_OK ? nullptr : "not well-formed XML";
  }
  std::vector<metalink_file>& files() noexcept { return files_; }

 private:
  void stop(const char* problem) {
    if (!problem_) problem_ = problem;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void open(std::string_view name, const XML_Char** attributes) {
    if (problem_) return;  // the end of an empty element is told even after a stop
    const bool is_known =
        name.starts_with(metalink_namespace) && name.substr(metalink_namespace.size()).starts_with(namespace_end);
    ends_.push_back(path_.size());
    (path_ += '/') += is_known ? name.substr(metalink_namespace.size() + 1) : "?";
    text_.clear();
    if (ends_.size() > deepest_metalink) return stop("nested too deeply");
    if (ends_.size() == 1 && path_ != "/metalink") return stop("no Metalink");
    const auto attribute = [&](std::string_view wanted) {
      for (auto each = attributes; each[0]; each += 2) {
        if (each[0] == wanted) return std::string_view(each[1]);
      }
      return std::string_view();
    };
    if (path_ == "/metalink/file") {
      if (files_.size() == most_metalink_files) return stop("too many files");
      draft_ = {};
      draft_.file.name = attribute("name");
    } else if (path_ == "/metalink/file/pieces") {
      pieces_ = {algorithm_of(attribute("type")), http::parse_digits(attribute("length")).value_or(0), {}, true};
    } else if (path_ == "/metalink/file/hash") {
      algorithm_ = algorithm_of(attribute("type"));
    } else if (path_ == "/metalink/file/url") {
      const auto priority = http::parse_digits(attribute("priority"), 6).value_or(0);
      priority_ = priority == 0 ? least_preferred : static_cast<std::uint32_t>(priority);
    }
  }

  void add(std::string_view text) {
    if (!problem_ && text_.size() <= longest_text) text_ += text;
  }

  void close() {
    if (problem_) return;
    const auto text = text_.size() > longest_text ? std::string_view() : trim_space(text_);
    if (path_ == "/metalink/file") {
      finish_file();
    } else if (path_ == "/metalink/file/size") {
      draft_.file.size = http::parse_digits(text);
    } else if (path_ == "/metalink/file/url") {
      if (draft_.urls.size() < most_metalink_urls && can_be_asked(text))
        draft_.urls.push_back({priority_, std::string(text)});
    } else if (path_ == "/metalink/file/hash") {
      add_hash(text);
    } else if (path_ == "/metalink/file/pieces/hash") {
      auto bytes = text::hex_decode(text);
      pieces_.is_sound =
          pieces_.is_sound && pieces_.algorithm && bytes && bytes->size() == base::digest_size(*pieces_.algorithm);
      if (pieces_.is_sound) pieces_.hashes.push_back(std::move(*bytes));
    } else if (path_ == "/metalink/file/pieces") {
      finish_pieces();
    }
    path_.resize(ends_.back());
    ends_.pop_back();
    text_.clear();
  }

  void add_hash(std::string_view text) {
    auto bytes = text::hex_decode(text);
    if (!algorithm_ || !bytes || bytes->size() != base::digest_size(*algorithm_)) return;
    draft_.file.hashes.push_back({*algorithm_, std::move(*bytes)});
  }

  void finish_pieces() {
    auto& file = draft_.file;
    if (!pieces_.is_sound || pieces_.hashes.empty() || pieces_.length == 0) return;
    if (file.piece_length != 0 && file.piece_algorithm <= *pieces_.algorithm) return;  // the strongest come first
    file.piece_algorithm = *pieces_.algorithm;
    file.piece_length = pieces_.length;
    file.piece_hashes = std::move(pieces_.hashes);
  }

  void finish_file() {
    auto& [file, urls] = draft_;
    if (!stays_below(file.name)) return;
    if (file.size && file.piece_length != 0) {
      const auto pieces = *file.size / file.piece_length + (*file.size % file.piece_length != 0 ? 1 : 0);
      if (pieces != file.piece_hashes.size()) {
        file.piece_length = 0;
        file.piece_hashes.clear();
      }
    }
    std::stable_sort(urls.begin(), urls.end(), [](const auto& a, const auto& b) { return a.priority < b.priority; });
    for (auto& each : urls) file.urls.push_back(std::move(each.text));
    files_.push_back(std::move(file));
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  const char* problem_ = nullptr;
  std::string path_;               // of the element that is open
  std::vector<std::size_t> ends_;  // of the paths of those around it
  std::string text_;               // of the element, since its last child
  draft draft_;
  piece_list pieces_;
  std::optional<base::digest_algorithm> algorithm_;  // of the hash that is open
  std::uint32_t priority_ = least_preferred;         // of the URL that is open
  std::vector<metalink_file> files_;
};

}  // namespace

result<std::vector<metalink_file>> parse_metalink(std::string_view xml) {
  static_assert(longest_metalink < std::numeric_limits<int>::max());
  const auto unusable = [](const char* why) { return error::make(errc::bad_value, "read", "Metalink", why); };
  if (xml.size() > longest_metalink) return unusable("too long");
  reader all;
  if (const char* problem = all.read(xml)) return unusable(problem);
  return std::move(all.files());
}

}  // namespace sampan::client
