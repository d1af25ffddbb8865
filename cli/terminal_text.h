// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace orrery {

// Text as one line that cannot steer a terminal: control characters become '?'. Names in tables
// and messages come from files of users.
std::string printable(std::string_view text);

// Columns that UTF-8 text takes on a terminal: combining marks take none, wide characters two.
std::size_t display_width(std::string_view text);

}  // namespace orrery
