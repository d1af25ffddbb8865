// SPDX-License-Identifier: Apache-2.0
#include "results/hasher.h"

#include <bit>
#include <fmt/format.h>
#include <new>
#include <xxhash.h>

namespace orrery {

struct Hasher::State {
  XXH3_state_t* xxh3 = XXH3_createState();
  State() = default;
  ~State() { XXH3_freeState(xxh3); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  if (state_->xxh3 == nullptr || XXH3_128bits_reset(state_->xxh3) == XXH_ERROR) {
    throw std::bad_alloc();
  }
}

Hasher::~Hasher() = default;

void Hasher::add(std::uint64_t value) {
  unsigned char bytes[8];
  for (unsigned i = 0; i < 8; ++i) {  // the same on every machine
    bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  }
  XXH3_128bits_update(state_->xxh3, bytes, sizeof bytes);
}

void Hasher::add(double value) {
  add(std::bit_cast<std::uint64_t>(value));
}

void Hasher::add(const std::string& text) {
  add(std::uint64_t{text.size()});
  XXH3_128bits_update(state_->xxh3, text.data(), text.size());
}

std::string Hasher::digits() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh3);
  return fmt::format("{:016x}{:016x}", std::uint64_t{hash.high64}, std::uint64_t{hash.low64});
}

}  // namespace orrery
