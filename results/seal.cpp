// SPDX-License-Identifier: Apache-2.0
#include "results/seal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <xxhash.h>

namespace orrery {

namespace {

constexpr std::string_view kMark = "\norrery sealed xxh3-128:";
constexpr std::array<unsigned char, 8> kHdf5Signature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kSealBytes = kMark.size() + 33;  // 32 digits and a line end

std::string seal_of(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{}{:016x}{:016x}\n", kMark, std::uint64_t{hash.high64},
                     std::uint64_t{hash.low64});
}

bool equal(std::span<const std::byte> bytes, std::string_view text) {
  return std::equal(bytes.begin(), bytes.end(), text.begin(), text.end(),
                    [](std::byte a, char b) { return std::to_integer<char>(a) == b; });
}

}  // namespace

void add_seal(std::vector<std::byte>& image) {
  for (const char c : seal_of(image)) {
    image.push_back(static_cast<std::byte>(c));
  }
}

bool seal_is_broken(const std::vector<std::byte>& image) {
  if (image.size() < kSealBytes) {
    return false;
  }
  const std::span<const std::byte> all(image);
  const auto seal = all.last(kSealBytes);
  return equal(seal.first(kMark.size()), kMark) &&
         !equal(seal, seal_of(all.first(all.size() - kSealBytes)));
}

bool is_hdf5(const std::vector<std::byte>& image) {
  return image.size() >= kHdf5Signature.size() &&
         std::equal(kHdf5Signature.begin(), kHdf5Signature.end(), image.begin(),
                    [](unsigned char a, std::byte b) { return std::byte{a} == b; });
}

}  // namespace orrery
