// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/config_tree.h"

// Private to the config reader. The only file that knows yaml-cpp.
namespace orrery {

// Parses one YAML document by the rules of TreeBuilder. Also refuses anchors, aliases, tags and a
// second document. `text` has passed check_yaml_source(); `name` stands for the file; throws
// InputError with line and column. An empty document is an empty node.
ConfigTreePtr parse_yaml(const std::string& text, const std::string& name);

}  // namespace orrery
