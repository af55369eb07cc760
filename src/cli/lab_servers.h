// The servers of this program that `sampan lab` holds the notes against, on loopback and on free ports.
#pragma once

#include "lab/experiment.h"

namespace sampan::cli {

/// `sampan listen` as it is without options: answers each text.
lab::server_kind listen_for_lab();
/// `sampan serve` over a temporary folder with one file, which is asked for by its bare name.
lab::server_kind serve_for_lab();

}  // namespace sampan::cli
