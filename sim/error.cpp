// SPDX-License-Identifier: Apache-2.0
#include "sim/error.h"

namespace orrery {

std::string SourceLocation::text() const {
  std::string out = file;
  if (line > 0) {
    out += ':' + std::to_string(line);
    if (column > 0) {
      out += ':' + std::to_string(column);
    }
  }
  return out;
}

}  // namespace orrery
