#include "server/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "server/page.h"
#include "server/utc.h"
#include "text/escape.h"
#include "text/percent.h"

namespace sampan::serving {

namespace {

// A link of depth n costs 3 n bytes: 2,000 of them, as a path of 4,096 bytes may have, would be a page of 6 MB.
constexpr std::size_t most_linked_parents = 32;

std::string human_size(std::uint64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (amount >= 1023.95) {  // would be shown as 1024.0
    amount /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> list;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size() - 1);
    list.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  return list;
}

/// The path with links to the folders above, relative ones: they stay right behind a proxy that puts a prefix before them.
void append_crumbs(std::string_view path, std::string& out) {
  const auto parts = components(path);
  const auto put = [&](std::size_t up, std::string_view shown) {
    if (up == 0 || up > most_linked_parents) {
      out += shown;
      return;
    }
    out += "<a href=\"";
    for (std::size_t i = 0; i < up; ++i) out += "../";
    out += "\">";
    out += shown;
    out += "</a>";
  };
  put(parts.size(), "/");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    put(parts.size() - 1 - i, "<bdi>" + text::escape_html(parts[i]) + "</bdi>");
    out += '/';
  }
}

// With "./" no name is taken for a scheme, even where a reader decodes before it looks (RFC 3986 4.2).
void html_entry(const store::folder_entry& entry, std::string& out) {
  const std::string_view slash = entry.is_folder ? "/" : "";
  out += "<tr><td><a href=\"./";
  out += text::percent_encode(entry.name);
  out += slash;
  out += "\"><bdi>";
  out += text::escape_html(entry.name);
  out += "</bdi>";
  out += slash;
  out += "</a><td";
  if (!entry.is_folder) {
    out += " title=\"" + counted(entry.size, "byte") + "\">";
    out += human_size(entry.size);
  } else {
    out += '>';
  }
  out += "<td>";
  out += utc(entry.modified, " ", "\n");
}

void json_entry(const store::folder_entry& entry, std::string& out) {
  out += R"({"name":")";
  out += text::escape_json(entry.name);
  out += entry.is_folder ? R"(","type":"folder",)" : R"(","type":"file","size":)";
  if (!entry.is_folder) out += std::to_string(entry.size) + ',';
  out += R"("modified":")";
  out += utc(entry.modified, "T", "Z");
  out += R"(","href":")";
  out += text::percent_encode(entry.name);
  out += entry.is_folder ? "/\"}" : "\"}";
}

void text_entry(const store::folder_entry& entry, std::string& out) {
  out += text::escape_terminal(entry.name);
  out += entry.is_folder ? "/\n" : "\n";
}

}  // namespace

std::string_view listing_media_type(listing_form form) noexcept {
  switch (form) {
    case listing_form::html: return "text/html; charset=utf-8";
    case listing_form::json: return "application/json";
    case listing_form::text: break;
  }
  return "text/plain; charset=utf-8";
}

listing_writer::listing_writer(listing_form form, std::string_view clean_path) : form_(form), path_(clean_path) {}

void listing_writer::begin(std::string& out) const {
  if (form_ == listing_form::html) html_begin(out);
  if (form_ == listing_form::json) out += R"({"path":"/)" + text::escape_json(path_) + R"(","entries":[)";
}

void listing_writer::entry(const store::folder_entry& entry, std::string& out) {
  const bool first = folders_ + files_ == 0;
  switch (form_) {
    case listing_form::html: html_entry(entry, out); break;
    case listing_form::json:
      out += first ? "\n" : ",\n";
      json_entry(entry, out);
      break;
    case listing_form::text: text_entry(entry, out); break;
  }
  ++(entry.is_folder ? folders_ : files_);
  if (!entry.is_folder) bytes_ += entry.size;
}

void listing_writer::end(std::string& out) const {
  if (form_ == listing_form::html) html_end(out);
  if (form_ == listing_form::json) out += "\n]}\n";
}

void listing_writer::html_begin(std::string& out) const {
  begin_page('/' + path_, out);
  out += "<h1>";
  append_crumbs(path_, out);
  out += "</h1>\n<table>\n<tr><th>Name<th>Size<th>Modified (UTC)\n";
  if (!path_.empty()) out += "<tr><td><a href=\"../\">../</a><td><td>\n";
}

void listing_writer::html_end(std::string& out) const {
  out += "</table>\n<p>" + counted(folders_, "folder") + ", " + counted(files_, "file") + ", " + human_size(bytes_) +
         "</p>\n";
}

}  // namespace sampan::serving
