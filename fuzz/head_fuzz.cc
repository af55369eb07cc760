// parse_request(): pieces of any size give the answer of the whole, and what it takes, Boost.Beast reads as the same request.
//
// We are stricter than Beast in many ways, and more lenient in these; nothing else that we take may be refused by it:
//  - lines that end in LF alone, up to two empty lines before the request, and HTTP/1.2 to 1.9, which Beast does not know: what
//    Beast gets is put right before;
//  - a Connection, or Proxy-Connection, that is no list of tokens: we look for our options in it and pass over the rest.
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "http/characters.h"
#include "http/request.h"

namespace {

namespace beast_http = boost::beast::http;
using namespace sampan::http;
using boost::beast::string_view;

void require(bool holds) {
  if (!holds) std::abort();
}

// Keeps what Beast finds in a head.
class beast_parser : public beast_http::basic_parser<true> {
 public:
  std::string method, target;
  int version = 0;
  std::vector<std::pair<std::string, std::string>> fields;

 private:
  using error = boost::beast::error_code;

  void on_request_impl(beast_http::verb, string_view name, string_view of, int as, error&) override {
    method = std::string(name);
    target = std::string(of);
    version = as;
  }
  void on_field_impl(beast_http::field, string_view name, string_view value, error&) override {
    fields.emplace_back(name, value);
  }
  void on_response_impl(int, string_view, int, error&) override {}
  void on_header_impl(error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error&) override {}
  std::size_t on_body_impl(string_view body, error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error&) override { return body.size(); }
  void on_finish_impl(error&) override {}
};

// The head as Beast takes it: without empty lines before it, every line with CRLF, and a version it knows.
std::string put_right(const request_head& head, std::string_view bytes) {
  bytes.remove_prefix(static_cast<std::size_t>(head.method_name.data() - bytes.data()));
  std::string text;
  for (const char c : bytes) {
    if (c == '\n' && !text.ends_with('\r')) text += '\r';
    text += c;
  }
  if (head.minor == 1) text[text.find("\r\n") - 1] = '1';
  return text;
}

bool has_connection_list(const request_head& head) {
  return std::any_of(head.fields().begin(), head.fields().end(), [](const field& line) {
    return same_word(line.name, "connection") || same_word(line.name, "proxy-connection");
  });
}

void compare_with_beast(const request_head& head, std::string_view bytes) {
  const std::string text = put_right(head, bytes.substr(0, head.length));
  beast_parser beast;
  beast.header_limit(1 << 20);
  beast.body_limit(boost::none);
  boost::beast::error_code error;
  beast.put(boost::asio::buffer(text), error);
  if (error == beast_http::error::bad_value && has_connection_list(head)) return;
  require(!error && beast.is_header_done());
  require(beast.method == head.method_name && beast.target == head.target && beast.version == 10 + head.minor);
  require(beast.fields.size() == head.fields().size());
  for (std::size_t i = 0; i < beast.fields.size(); ++i) {
    require(beast.fields[i].first == head.fields()[i].name && beast.fields[i].second == head.fields()[i].value);
  }
  require(beast.chunked() == (head.body == body_kind::chunked));
  require(beast.content_length().value_or(0) == head.content_length);
  // Beast also listens to Proxy-Connection, and in HTTP/1.0 keep-alive wins there over close.
  if (!has_connection_list(head)) require(beast.keep_alive() == head.keep_alive);
}

bool same(const request_head& a, const request_head& b) {
  const auto state = [](const request_head& head) {
    return std::tuple(head.verb, head.method_name, head.target, head.minor, head.length, head.keep_alive, head.body,
                      head.content_length, head.expects_continue, head.unknown_expectation, head.fields().size());
  };
  return state(a) == state(b) &&
         std::equal(a.fields().begin(), a.fields().end(), b.fields().begin(),
                    [](const field& x, const field& y) { return x.name == y.name && x.value == y.value; });
}

// Gives the bytes in pieces, each time in memory of their own size, as far as it is asked for more.
void compare_with_pieces(std::string_view bytes, const limits& allowed, const parse_result& whole,
                         const request_head& head, std::minstd_rand& random) {
  static request_head piecewise;
  parse_progress progress;
  std::size_t size = 0;
  for (;;) {
    size = std::min(bytes.size(), size + random() % 9 * (random() % 9));
    const auto copy = std::make_unique<char[]>(size);
    bytes.copy(copy.get(), size);
    const auto got = parse_request({copy.get(), size}, allowed, progress, piecewise);
    if (got.status == parse_status::incomplete && size < bytes.size()) continue;
    require(got.status == whole.status && got.code == whole.code);
    if (got.status == parse_status::done) require(same(piecewise, head));
    if (got.status == parse_status::refused)
      require(piecewise.method_name == head.method_name && piecewise.target == head.target);
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static request_head head;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::minstd_rand random(static_cast<unsigned>(std::hash<std::string_view>{}(bytes)));
  for (const limits& allowed : {limits{}, limits{24, 96, 3}}) {
    parse_progress progress;
    const auto whole = parse_request(bytes, allowed, progress, head);
    compare_with_pieces(bytes, allowed, whole, head, random);
    if (whole.status == parse_status::done) compare_with_beast(head, bytes);
  }
  return 0;
}
