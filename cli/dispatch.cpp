// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/command.h"
#include "sim/config_node.h"
#include "sim/error.h"

namespace orrery {

std::string command_list(const std::vector<Subcommand>& commands) {
  std::size_t width = 0;
  for (const Subcommand& command : commands) {
    width = std::max(width, command.name.size());
  }
  std::string text;
  for (const Subcommand& command : commands) {
    text.append("  ").append(command.name).append(width + 2 - command.name.size(), ' ');
    text.append(command.purpose).append("\n");
  }
  return text;
}

int dispatch(std::string_view prefix,
             const std::string& help,
             const std::vector<Subcommand>& commands,
             const std::vector<std::string>& arguments,
             const Streams& streams) {
  const std::string see = " (see " + std::string(prefix) + " --help)";
  if (arguments.empty()) {
    throw InputError("say what to do" + see);
  }
  const std::string& word = arguments[0];
  if (word == "--help" || word == "-h") {
    streams.out << help;
    return kSuccess;
  }
  for (const Subcommand& command : commands) {
    if (command.name == word) {
      return command.run({arguments.begin() + 1, arguments.end()}, streams);
    }
  }
  std::vector<std::string> names;
  for (const Subcommand& command : commands) {
    names.emplace_back(command.name);
  }
  if (!word.empty() && word[0] == '-') {
    names = {"--help", "--version"};
  }
  const std::string near = suggest(word, names);
  const char* const what = !word.empty() && word[0] == '-' ? "unknown option '" : "unknown word '";
  throw InputError(what + word + "'" + (near.empty() ? see : ", " + near));
}

}  // namespace orrery
