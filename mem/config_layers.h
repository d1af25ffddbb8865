// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/config_node.h"

namespace orrery {

// A map of the chip's file over the same map of a preset: a value comes from the chip, or else from
// the preset. Both know the key afterwards, so that neither complains of it.
class ConfigLayers {
 public:
  ConfigLayers(ConfigNode chip, std::optional<ConfigNode> preset)
      : chip_(std::move(chip)), preset_(std::move(preset)) {}

  bool has(std::string_view key) const {
    const bool in_preset = preset_.has_value() && preset_->has(key);
    return chip_.has(key) || in_preset;
  }
  // Where neither has it, the chip's: its getter says what is missing.
  const ConfigNode& of(std::string_view key) const {
    const bool in_preset = preset_.has_value() && preset_->has(key);
    return !chip_.has(key) && in_preset ? *preset_ : chip_;
  }
  const ConfigNode& chip() const { return chip_; }
  const std::optional<ConfigNode>& preset() const { return preset_; }

  // A map within both, where `has` it.
  ConfigLayers map(std::string_view key) const {
    const bool in_preset = preset_.has_value() && preset_->has(key);
    if (!chip_.has(key)) {
      return {preset_->map(key), std::nullopt};
    }
    return {chip_.map(key), in_preset ? std::optional(preset_->map(key)) : std::nullopt};
  }

  std::uint64_t integer(std::string_view key, std::uint64_t min, std::uint64_t max) const {
    return of(key).integer(key, min, max);
  }
  [[noreturn]] void fail(std::string_view key, const std::string& message) const {
    of(key).fail(key, message);
  }
  void finish() const {
    chip_.finish();
    if (preset_) {
      preset_->finish();
    }
  }

 private:
  ConfigNode chip_;
  std::optional<ConfigNode> preset_;
};

}  // namespace orrery
