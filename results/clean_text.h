// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Names come from files of users. What is stored must be text that every reader can take.
namespace orrery {

// UTF-8 without NUL: wrong bytes become U+FFFD, one each.
std::string clean_text(std::string_view text);

// A word of a `flag_meanings` list, which is separated by blanks: blanks and control characters
// become '_', no text becomes "none".
std::string flag_word(std::string_view text);

}  // namespace orrery
