// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/error.h"
#include "sim/units.h"

// Reads YAML, and JSON from names that end in ".json", strictly: duplicate keys, unknown keys (with
// the nearest known one), missing keys, wrong units and values out of range are InputErrors with
// file, line and column. yaml-cpp stays behind this header.
namespace orrery {

struct ConfigTree;  // a parsed node with its place in the file

// A view of one node of a parsed file. Getters throw InputError; each remembers its key as known,
// and `finish()` refuses the keys that nobody asked for. Copies share the memory of known keys.
//
//   const ConfigNode root = load_config("chip.yaml", {"core.count=64"});
//   const ConfigNode core = root.map("core");
//   config.count = core.integer("count", 1, 65535);
//   config.clock_hz = core.frequency_hz("clock");       // "1.755 GHz"
//   config.capacity_bytes = core.bytes("capacity");     // "227 KiB"
//   core.finish();
class ConfigNode {
 public:
  explicit ConfigNode(std::shared_ptr<ConfigTree> tree, std::string path = "");

  bool has(std::string_view key) const;   // marks the key as known; "key: null" is not there
  std::vector<std::string> keys() const;  // of a map, in file order; marks none

  ConfigNode node(std::string_view key) const;  // of any kind
  ConfigNode map(std::string_view key) const;
  std::vector<ConfigNode> list(std::string_view key) const;        // of anything
  std::vector<std::string> text_list(std::string_view key) const;  // of scalars
  std::vector<std::uint64_t> integer_list(std::string_view key,
                                          std::uint64_t min,
                                          std::uint64_t max) const;

  std::string text(std::string_view key) const;
  // One of the choices, else an error that lists them and suggests the nearest.
  std::string choice(std::string_view key, const std::vector<std::string>& choices) const;
  bool flag(std::string_view key) const;  // true or false
  std::uint64_t integer(std::string_view key, std::uint64_t min, std::uint64_t max) const;
  double number(std::string_view key, double min, double max) const;  // plain, finite

  // Quantities with a unit; a missing or wrong unit is an error that names the ones accepted.
  std::uint64_t bytes(std::string_view key,
                      std::uint64_t min = 1) const;        // B kB MB GB TB KiB MiB..
  Femtoseconds time_fs(std::string_view key) const;        // fs ps ns us ms s
  std::uint64_t frequency_hz(std::string_view key) const;  // Hz kHz MHz GHz, > 0
  std::uint64_t bandwidth(std::string_view key) const;     // B/s kB/s MB/s GB/s TB/s, > 0; bytes/s
  std::uint64_t cycles(std::string_view key) const;        // "20 clk", 0 allowed
  // "64 B/clk", "4096 FLOP/clk", "16 op/clk": `unit` is what stands before "/clk"; > 0, integer.
  std::uint64_t per_cycle(std::string_view key, std::string_view unit) const;
  std::uint64_t power_mw(std::string_view key) const;    // mW W kW, 0 allowed; milliwatts
  std::uint64_t voltage_mv(std::string_view key) const;  // mV V, > 0; millivolts
  // "0.7 pJ/FLOP", "13 pJ/B": aJ fJ pJ nJ for one `unit`, 0 allowed; attojoules.
  std::uint64_t energy_per(std::string_view key, std::string_view unit) const;
  std::uint64_t permille(std::string_view key) const;  // "45 %", at most 100 %; thousandths
  // "858 mm2", "193 um2/(FLOP/clk)" and "10000 USD", "17 USD/GB", 0 allowed; square nanometres and
  // millionths of a dollar.
  std::uint64_t area_nm2(std::string_view key) const;
  std::uint64_t area_per(std::string_view key, std::string_view unit) const;
  std::uint64_t micro_usd(std::string_view key) const;
  std::uint64_t micro_usd_per(std::string_view key, std::string_view unit) const;

  bool is_map() const;
  bool is_list() const;
  std::string scalar() const;             // of this node itself (an item of a list)
  std::vector<ConfigNode> items() const;  // of this node itself, which must be a list
  const SourceLocation& location() const;
  const std::string& path() const { return path_; }  // "core.tensor", for messages

  [[noreturn]] void fail(const std::string& message) const;                        // at this node
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;  // at a key

  void finish() const;

  // The whole node as YAML, after `extends` and overrides: stored in every result.
  std::string resolved_text() const;
  // "core.count" -> "132", every scalar leaf, in file order; list items as "a.b.0".
  std::vector<std::pair<std::string, std::string>> leaves() const;

 private:
  std::shared_ptr<ConfigTree> tree_;
  std::string path_;
};

// Reads a file, resolves `extends: other.yaml` (relative to the file; maps are merged, everything
// else replaced; cycles refused) and applies overrides "a.b.c=value" (the key must exist unless
// its parent map does and the reader accepts it; location "--set"). Throws InputError.
ConfigNode load_config(const std::string& path, const std::vector<std::string>& overrides = {});

// The same from memory; `name` stands for the file in messages; `extends` is refused.
ConfigNode parse_config(const std::string& text,
                        const std::string& name,
                        const std::vector<std::string>& overrides = {});

// "did you mean 'x'?" or "" when nothing is near. For options, names of chips and operators too.
std::string suggest(std::string_view word, const std::vector<std::string>& known);

}  // namespace orrery
