// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace orrery {

// Whether `text` lies from `least` to `most`, each a number with or without a unit as it stands in
// a configuration: "1.4 us" lies from "500 ns" to "3 us". Empty when they are not numbers of one
// kind. For checks and reports only: it compares floating-point numbers.
std::optional<bool> lies_within(std::string_view text,
                                std::string_view least,
                                std::string_view most);

}  // namespace orrery
