// The sub-commands: their tables and what runs them.
#pragma once

#include <span>

#include "cli/flags.h"

namespace sampan::cli {

extern const command serve_command;
extern const command get_command;
extern const command listen_command;
extern const command talk_command;
extern const command lab_command;

// Each returns the exit status. `signals` is take_signals()'s descriptor.
int run_serve(const arguments& given, int signals);
int run_get(const arguments& given, int signals);
int run_listen(const arguments& given, int signals);
int run_talk(const arguments& given, int signals);
int run_lab(const arguments& given, int signals);

}  // namespace sampan::cli
