// SPDX-License-Identifier: Apache-2.0
#include "cli/power_options.h"

#include <fmt/format.h>

#include "sim/error.h"

namespace orrery {
namespace {

// Whether the option says `second`; it must say one of the two.
bool is_second(const ParsedOptions& parsed,
               const std::string& option,
               const std::string& first,
               const std::string& second) {
  const std::string& text = parsed.text(option);
  if (text != first && text != second) {
    throw InputError(fmt::format("--{}: '{}' is neither {} nor {}", option, text, first, second));
  }
  return text == second;
}

}  // namespace

void add_power_options(OptionSet& options) {
  options
      .value("power-mode", "burst|sustained",
             "after a pause, at full clock, or in the middle of such work")
      .value("operands", "random|zeros", "values of data, as far as energy depends on them");
}

PowerProtocol power_protocol(const ParsedOptions& parsed, const PowerProtocol& otherwise) {
  PowerProtocol protocol = otherwise;
  if (parsed.has("power-mode")) {
    protocol.mode = is_second(parsed, "power-mode", "burst", "sustained") ? PowerMode::kSustained
                                                                          : PowerMode::kBurst;
  }
  if (parsed.has("operands")) {
    protocol.operands =
        is_second(parsed, "operands", "random", "zeros") ? Operands::kZeros : Operands::kRandom;
  }
  return protocol;
}

}  // namespace orrery
