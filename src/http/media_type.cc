#include "http/media_type.h"

#include <algorithm>
#include <array>

namespace sampan::http {

namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr std::string_view unknown = "application/octet-stream";

struct row {
  std::string_view ending;  // lower case
  std::string_view type;
};

// In the order of the bytes. Two endings stand for two things each, and are what a browser plays rather than what somebody wrote:
// `ts` and `mts` are MPEG-2 transport streams, the pieces that an .m3u8 lists, whose type is registered. A player may refuse them as
// text, and a browser would show gigabytes of them as a page; TypeScript as a video is merely saved instead of shown. Source code is
// plain text: with types of its own a browser would save it.
constexpr row by_ending[] = {
    {"3g2", "video/3gpp2"},
    {"3gp", "video/3gpp"},
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"adoc", plain},
    {"aif", "audio/aiff"},
    {"aiff", "audio/aiff"},
    {"amr", "audio/amr"},
    {"apk", "application/vnd.android.package-archive"},
    {"apng", "image/apng"},
    {"asc", plain},
    {"asm", plain},
    {"atom", "application/atom+xml; charset=utf-8"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"awk", plain},
    {"bash", plain},
    {"bat", plain},
    {"bib", plain},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"c", plain},
    {"cab", "application/vnd.ms-cab-compressed"},
    {"cc", plain},
    {"cfg", plain},
    {"cjs", "text/javascript; charset=utf-8"},
    {"clj", plain},
    {"cmake", plain},
    {"conf", plain},
    {"cpp", plain},
    {"cs", plain},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"cts", plain},
    {"cxx", plain},
    {"deb", "application/vnd.debian.binary-package"},
    {"diff", plain},
    {"dmg", "application/x-apple-diskimage"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"el", plain},
    {"env", plain},
    {"eot", "application/vnd.ms-fontobject"},
    {"eps", "application/postscript"},
    {"epub", "application/epub+zip"},
    {"erl", plain},
    {"exe", "application/vnd.microsoft.portable-executable"},
    {"fish", plain},
    {"flac", "audio/flac"},
    {"flv", "video/x-flv"},
    {"geojson", "application/geo+json; charset=utf-8"},
    {"gif", "image/gif"},
    {"glb", "model/gltf-binary"},
    {"gltf", "model/gltf+json; charset=utf-8"},
    {"go", plain},
    {"gpx", "application/gpx+xml; charset=utf-8"},
    {"gradle", plain},
    {"graphql", plain},
    {"gz", "application/gzip"},
    {"h", plain},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"hh", plain},
    {"hpp", plain},
    {"hs", plain},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"hxx", plain},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"ini", plain},
    {"iso", "application/x-iso9660-image"},
    {"jar", "application/java-archive"},
    {"java", plain},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json; charset=utf-8"},
    {"jsonl", "application/x-ndjson; charset=utf-8"},
    {"jsonld", "application/ld+json; charset=utf-8"},
    {"jsx", plain},
    {"jxl", "image/jxl"},
    {"kml", "application/vnd.google-earth.kml+xml; charset=utf-8"},
    {"kmz", "application/vnd.google-earth.kmz"},
    {"kt", plain},
    {"less", plain},
    {"lisp", plain},
    {"lock", plain},
    {"log", plain},
    {"lrc", plain},
    {"lua", plain},
    {"m2ts", "video/mp2t"},
    {"m3u", "audio/mpegurl"},
    {"m3u8", "application/vnd.apple.mpegurl"},
    {"m4a", "audio/mp4"},
    {"m4v", "video/mp4"},
    {"map", "application/json; charset=utf-8"},
    {"markdown", "text/markdown; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"md5", plain},
    {"mid", "audio/midi"},
    {"midi", "audio/midi"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mk", plain},
    {"mkv", "video/matroska"},
    {"ml", plain},
    {"mobi", "application/x-mobipocket-ebook"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpd", "application/dash+xml; charset=utf-8"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"msi", "application/x-msi"},
    {"mts", "video/mp2t"},
    {"ndjson", "application/x-ndjson; charset=utf-8"},
    {"nfo", plain},
    {"obj", "model/obj"},
    {"odg", "application/vnd.oasis.opendocument.graphics"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"parquet", "application/vnd.apache.parquet"},
    {"patch", plain},
    {"pdf", "application/pdf"},
    {"php", plain},
    {"pl", plain},
    {"pm", plain},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"properties", plain},
    {"proto", plain},
    {"ps", "application/postscript"},
    {"ps1", plain},
    {"psd", "image/vnd.adobe.photoshop"},
    {"py", plain},
    {"pyi", plain},
    {"r", plain},
    {"rar", "application/vnd.rar"},
    {"rb", plain},
    {"rpm", "application/x-rpm"},
    {"rs", plain},
    {"rss", "application/rss+xml; charset=utf-8"},
    {"rst", plain},
    {"rtf", "application/rtf"},
    {"s", plain},
    {"sass", plain},
    {"scala", plain},
    {"scss", plain},
    {"sed", plain},
    {"sh", plain},
    {"sha1", plain},
    {"sha256", plain},
    {"sha512", plain},
    {"sql", plain},
    {"sqlite", "application/vnd.sqlite3"},
    {"sqlite3", "application/vnd.sqlite3"},
    {"srt", plain},
    {"stl", "model/stl"},
    {"sum", plain},
    {"svg", "image/svg+xml; charset=utf-8"},
    {"swf", "application/vnd.adobe.flash.movie"},
    {"swift", plain},
    {"tar", "application/x-tar"},
    {"tcl", plain},
    {"tex", plain},
    {"text", plain},
    {"tgz", "application/gzip"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"toml", plain},
    {"torrent", "application/x-bittorrent"},
    {"ts", "video/mp2t"},
    {"tsv", "text/tab-separated-values; charset=utf-8"},
    {"tsx", plain},
    {"ttc", "font/collection"},
    {"ttf", "font/ttf"},
    {"txt", plain},
    {"vcf", "text/vcard; charset=utf-8"},
    {"vim", plain},
    {"vtt", "text/vtt; charset=utf-8"},
    {"vue", plain},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json; charset=utf-8"},
    {"webp", "image/webp"},
    {"wmv", "video/x-ms-wmv"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml; charset=utf-8"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml; charset=utf-8"},
    {"xsd", "application/xml; charset=utf-8"},
    {"xsl", "application/xml; charset=utf-8"},
    {"xz", "application/x-xz"},
    {"yaml", plain},
    {"yml", plain},
    {"zip", "application/zip"},
    {"zsh", plain},
    {"zst", "application/zstd"},
};

// Names known as text whole, in the order of the bytes.
constexpr std::string_view text_names[] = {
    ".bash_profile", ".bashrc",     ".clang-format", ".clang-tidy",  ".dockerignore", ".editorconfig", ".gitattributes",
    ".gitignore",    ".gitmodules", ".htaccess",     ".npmrc",       ".profile",      ".vimrc",        ".zshrc",
    "authors",       "changelog",   "changes",       "contributing", "copying",       "copyright",     "dockerfile",
    "gemfile",       "history",     "install",       "jenkinsfile",  "licence",       "license",       "makefile",
    "md5sums",       "news",        "notice",        "procfile",     "rakefile",      "readme",        "sha256sums",
    "thanks",        "todo",        "vagrantfile",   "version",
};

constexpr bool in_order = std::is_sorted(std::begin(by_ending), std::end(by_ending),
                                         [](const row& a, const row& b) { return a.ending < b.ending; });
static_assert(in_order && std::is_sorted(std::begin(text_names), std::end(text_names)), "they are searched by halves");

constexpr std::size_t longest_key = 14;  // of both tables; what is longer need not be looked for

constexpr bool keys_fit() {
  return std::all_of(std::begin(by_ending), std::end(by_ending),
                     [](const row& r) { return r.ending.size() <= longest_key; }) &&
         std::all_of(std::begin(text_names), std::end(text_names),
                     [](auto name) { return name.size() <= longest_key; });
}
static_assert(keys_fit());

}  // namespace

std::string_view media_type(std::string_view file_name) noexcept {
  const auto name = file_name.substr(file_name.rfind('/') + 1);
  const auto dot = name.rfind('.');
  const bool has_ending = dot != name.npos && dot > 0;  // `.gitignore` is a name, not an ending
  const auto key = has_ending ? name.substr(dot + 1) : name;
  if (key.size() > longest_key) return unknown;
  std::array<char, longest_key> buffer{};
  std::transform(key.begin(), key.end(), buffer.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view lower(buffer.data(), key.size());
  if (!has_ending) return std::binary_search(std::begin(text_names), std::end(text_names), lower) ? plain : unknown;
  const auto* const found = std::lower_bound(std::begin(by_ending), std::end(by_ending), lower,
                                             [](const row& r, std::string_view wanted) { return r.ending < wanted; });
  return found != std::end(by_ending) && found->ending == lower ? found->type : unknown;
}

}  // namespace sampan::http
