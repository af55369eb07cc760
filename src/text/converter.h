// One opened iconv table.
#pragma once

#include <iconv.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "sampan/error.h"

namespace sampan::text {

/// Where a conversion stopped.
enum class stop {
  end,         ///< all input converted
  incomplete,  ///< the rest is the beginning of a character
  invalid,     ///< the rest begins with bytes that no character, or none of the target, stands for
};

/// Owner of an iconv descriptor between stateless encodings: between two calls it remembers nothing, so any number of streams can
/// take turns on one. Move-only. Thread: one thread at a time.
class converter {
 public:
  /// @error errc::system with iconv_open(3)'s errno (EINVAL: this system lacks the table); subject: the table's name.
  static result<converter> open(const char* to, const char* from);

  /// Converts from the front of `in`, which afterwards begins where the conversion stopped. Appends to `out`.
  stop run(std::string_view& in, std::string& out);

  /// True when all of `in` converts; `out` is then its conversion, else undefined.
  bool convert_all(std::string_view in, std::string& out);

 private:
  struct closer {
    void operator()(iconv_t cd) const noexcept { iconv_close(cd); }
  };
  explicit converter(iconv_t cd) noexcept : cd_(cd) {}
  std::unique_ptr<std::remove_pointer_t<iconv_t>, closer> cd_;
};

}  // namespace sampan::text
