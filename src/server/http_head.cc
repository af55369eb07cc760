#include "server/http_head.h"

#include <charconv>

#include "http/date.h"
#include "http/multipart.h"
#include "http/status.h"

namespace sampan::serving {

namespace {

std::string_view name_of(http::coding coding) {
  switch (coding) {
    case http::coding::br: return "br";
    case http::coding::zstd: return "zstd";
    case http::coding::gzip: return "gzip";
    case http::coding::identity: break;
  }
  return {};
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_date(std::string& out, std::int64_t seconds) {
  const auto date = http::format_date(seconds);
  out.append(date.data(), date.size());
}

}  // namespace

head_writer::head_writer(std::string& out, int status, std::int64_t now, persistence then,
                         const http_settings& settings)
    : out_(out) {
  out_ += "HTTP/1.1 ";
  append_number(out_, static_cast<std::uint64_t>(status));
  out_ += ' ';
  out_ += http::reason_phrase(status);
  out_ += "\r\nDate: ";
  append_date(out_, now);
  out_ += "\r\n";
  if (then == persistence::ends) out_ += "Connection: close\r\n";
  if (then == persistence::keeps_http10) out_ += "Connection: keep-alive\r\n";
  out_ += settings.always;
}

head_writer& head_writer::add(std::string_view name, std::string_view value) {
  out_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

head_writer& head_writer::add(std::string_view name, std::uint64_t value) {
  out_.append(name).append(": ");
  append_number(out_, value);
  out_ += "\r\n";
  return *this;
}

head_writer& head_writer::add_content_range(http::byte_range range, std::uint64_t size) {
  out_ += "Content-Range: ";
  http::append_content_range(out_, range, size);
  out_ += "\r\n";
  return *this;
}

head_writer& head_writer::add_lines(std::string_view whole_lines) {
  out_ += whole_lines;
  return *this;
}

head_writer& head_writer::identify(const served_file& file) {
  add("ETag", file.etag);
  if (file.varies) add("Vary", "Accept-Encoding");
  return *this;
}

head_writer& head_writer::describe(const served_file& file) {
  identify(file);
  out_ += "Last-Modified: ";
  append_date(out_, file.modified);
  out_ += "\r\nAccept-Ranges: bytes\r\n";
  if (file.coding != http::coding::identity) add("Content-Encoding", name_of(file.coding));
  return *this;
}

void make_ready(served_file& file, std::int64_t now, const http_settings& settings) {
  std::string head;
  constexpr std::size_t usual_head = 512;
  head.reserve(usual_head + file.ready.size());
  head_writer writer(head, 200, now, persistence::keeps, settings);
  writer.describe(file).add("Content-Type", file.media_type).add("Content-Length", file.size).end();
  file.date_at = head.find("Date: ") + 6;
  file.date = now;
  file.head_length = head.size();
  head += file.ready;
  file.ready = std::move(head);
}

void refresh_date(served_file& file, std::int64_t now) {
  if (file.date == now) return;
  const auto date = http::format_date(now);
  file.ready.replace(file.date_at, date.size(), date.data(), date.size());
  file.date = now;
}

}  // namespace sampan::serving
