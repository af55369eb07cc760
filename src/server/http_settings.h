// What all HTTP answers of a server have in common, made once from its options.
#pragma once

#include <string>

#include "sampan/serve.h"

namespace sampan::serving {

struct http_settings {
  /// Whole lines that stand in every head.
  std::string always;
  /// Whole lines for the answer to a preflight of another site's page; empty without --cors.
  std::string preflight;

  explicit http_settings(const serve_options& options);
};

}  // namespace sampan::serving
