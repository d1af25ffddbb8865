// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/config_tree.h"

// Private to the config reader. JSON is nearly a subset of YAML, but not quite: tabs, escapes such
// as "\ud83d\ude00" and keys over 1024 characters are legal in one only, and a truncated JSON file
// deserves a message about JSON.
namespace orrery {

// Parses one JSON text (RFC 8259) by the rules of TreeBuilder. `text` has passed check_text();
// `name` stands for the file; throws InputError with line and column.
ConfigTreePtr parse_json(const std::string& text, const std::string& name);

}  // namespace orrery
