// The language of what a user reads.
#pragma once

#include <libintl.h>

/// Marks and translates; N_ only marks, for tables that are translated when they are used.
#define _(text) gettext(text)
#define N_(text) text

namespace sampan::cli {

/// Chooses Chinese or English by the value of LANGUAGE, LC_ALL, LC_MESSAGES or LANG, also where that locale was never
/// generated, and finds the catalogues in the build folder or where they were installed, both relative to the program.
void choose_language();

/// Whether Chinese was chosen.
bool speaks_chinese();

}  // namespace sampan::cli
