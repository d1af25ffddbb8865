// SPDX-License-Identifier: Apache-2.0
#include "cli/config_folder.h"

#include <cstdlib>

namespace orrery {

std::string config_folder() {
  const char* const folder = std::getenv("ORRERY_CONFIGS");
  return folder != nullptr && *folder != '\0' ? folder : ORRERY_CONFIG_DIR;
}

}  // namespace orrery
