// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// What a network may be at most, so that no time overflows 64 bits of femtoseconds and no table
// outgrows memory: a hop takes at most a second, a table of routes at most 64 MiB.
namespace orrery {

inline constexpr std::uint32_t kMaxGridSide = 64;  // columns, rows
inline constexpr std::uint64_t kMaxNetworkNodes = 1'000'000;
inline constexpr std::uint64_t kMinNetworkClockHz = 1'000'000;
inline constexpr std::uint64_t kMaxNetworkClockHz = 100'000'000'000;
inline constexpr std::uint64_t kMaxHopCycles = 1'000'000;
inline constexpr std::uint64_t kMaxHeaderBytes = 65'536;

// Of the detailed tier.
inline constexpr std::uint64_t kMaxAllocationPasses = 16;
inline constexpr std::uint64_t kMaxFlitBytes = 65'536;
inline constexpr std::uint64_t kMaxVcsPerPort = 64;
inline constexpr std::uint64_t kMaxBufferFlits = 4'096;
inline constexpr std::uint64_t kMaxPacketFlits = 1'000'000;
inline constexpr std::uint64_t kMaxStageCycles = 1'000;
inline constexpr std::uint64_t kMaxLinkCycles = 65'536;
// A long wire's buffer covers the way there and back.
inline constexpr std::uint64_t kMaxWireBufferFlits = 4 * kMaxLinkCycles;
inline constexpr std::uint64_t kMaxRouterPorts = 1'024;
inline constexpr std::uint64_t kMaxTreeBufferFlits = 4'096;  // a packet's, down a tree

}  // namespace orrery
