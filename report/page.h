// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace orrery {

// One HTML page with everything in it: style, scripts, data. It asks nothing of the network, and
// its Content-Security-Policy forbids it to.
//
// `data` is what `script` draws, and stands in the page as JSON in which no '<' is left, so no text
// in it can end the element. Texts are names from files of users: `title` is escaped here, scripts
// put texts into the page as text nodes only. Wrong UTF-8 becomes U+FFFD.
std::string report_page(const std::string& title,
                        std::string_view script,
                        const nlohmann::ordered_json& data);

// & < > " ' as entities.
std::string html_escaped(std::string_view text);

// The JSON text of `data` for an element <script type="application/json">.
std::string embedded_json(const nlohmann::ordered_json& data);

}  // namespace orrery
