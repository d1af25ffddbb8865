// SPDX-License-Identifier: Apache-2.0
#include "report/trace_writer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "report/perfetto_trace.pb.h"

namespace orrery {
namespace {

constexpr std::uint64_t kFsPerNs = kFsPerNanosecond;
constexpr std::uint32_t kSequence = 1;  // all packets come from one writer

// Packets are serialised one by one: a trace of a million slices must not stand in memory as
// messages.
class PacketStream {
 public:
  // A field of length-delimited type with number 1: what `Trace.packet` is.
  void add(trace::Trace& one) {
    one.AppendToString(&bytes_);
    one.Clear();
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

struct Edge {
  enum class Kind : std::uint8_t { kBegin, kEnd, kValue };
  std::uint64_t at_ns = 0;
  Kind kind = Kind::kValue;
  TraceWriter::Track track = 0;
  std::int64_t value = 0;  // of a counter; of a beginning, the index of its name
};

}  // namespace

TraceWriter::Track TraceWriter::add(const std::string& name, Track parent, bool counts) {
  const auto [entry, is_new] = known_.try_emplace({parent, name}, tracks_.size() + 1);
  if (is_new) {
    tracks_.push_back({name, parent, counts});
  }
  return entry->second;
}

TraceWriter::Track TraceWriter::track(const std::string& name, Track parent) {
  return add(name, parent, false);
}

TraceWriter::Track TraceWriter::counter(const std::string& name, Track parent) {
  return add(name, parent, true);
}

void TraceWriter::slice(Track track,
                        const std::string& name,
                        Femtoseconds start_fs,
                        Femtoseconds end_fs) {
  const auto [entry, is_new] =
      name_indices_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) {
    names_.push_back(name);
  }
  slices_.push_back({track, entry->second, start_fs, end_fs});
}

void TraceWriter::value(Track counter, Femtoseconds at_fs, std::int64_t value) {
  values_.push_back({counter, at_fs, value});
}

std::string TraceWriter::bytes() const {
  std::vector<TrackEntry> tracks = tracks_;
  std::vector<Slice> slices = slices_;
  std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
    return std::tie(a.track, a.start_fs, a.end_fs, a.name) <
           std::tie(b.track, b.start_fs, b.end_fs, b.name);
  });
  std::vector<Edge> edges;
  edges.reserve(2 * slices.size() + values_.size());
  std::vector<std::pair<Track, std::uint64_t>> lanes;  // of the track at hand, and their last ends
  Track at_hand = kNone;
  for (const Slice& slice : slices) {
    if (slice.track != at_hand) {
      at_hand = slice.track;
      lanes = {{at_hand, 0}};
    }
    const std::uint64_t start_ns = slice.start_fs / kFsPerNs;
    const std::uint64_t end_ns = std::max(slice.end_fs / kFsPerNs, start_ns);
    auto lane = std::find_if(lanes.begin(), lanes.end(),
                             [&](const auto& one) { return one.second <= start_ns; });
    if (lane == lanes.end()) {
      const TrackEntry entry = tracks[at_hand - 1];
      tracks.push_back(entry);
      lanes.emplace_back(tracks.size(), 0);
      lane = lanes.end() - 1;
    }
    lane->second = end_ns;
    edges.push_back({start_ns, Edge::Kind::kBegin, lane->first, slice.name});
    edges.push_back({end_ns, Edge::Kind::kEnd, lane->first, 0});
  }
  for (const Value& value : values_) {
    edges.push_back({value.at_fs / kFsPerNs, Edge::Kind::kValue, value.track, value.value});
  }
  // Stable: on each track an end stays before the beginning that follows it at the same time.
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.at_ns < b.at_ns; });

  PacketStream stream;
  trace::Trace one;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    trace::TracePacket& packet = *one.add_packet();
    packet.set_trusted_packet_sequence_id(kSequence);
    trace::TrackDescriptor& track = *packet.mutable_track_descriptor();
    track.set_uuid(i + 1);
    track.set_name(tracks[i].name);
    if (tracks[i].parent != kNone) {
      track.set_parent_uuid(tracks[i].parent);
    }
    if (tracks[i].counts) {
      track.mutable_counter();
    }
    stream.add(one);
  }
  for (const Edge& edge : edges) {
    trace::TracePacket& packet = *one.add_packet();
    packet.set_timestamp(edge.at_ns);
    packet.set_trusted_packet_sequence_id(kSequence);
    trace::TrackEvent& event = *packet.mutable_track_event();
    event.set_track_uuid(edge.track);
    switch (edge.kind) {
      case Edge::Kind::kBegin:
        event.set_type(trace::TrackEvent::TYPE_SLICE_BEGIN);
        event.set_name(names_[static_cast<std::size_t>(edge.value)]);
        break;
      case Edge::Kind::kEnd:
        event.set_type(trace::TrackEvent::TYPE_SLICE_END);
        break;
      case Edge::Kind::kValue:
        event.set_type(trace::TrackEvent::TYPE_COUNTER);
        event.set_counter_value(edge.value);
        break;
    }
    stream.add(one);
  }
  return stream.take();
}

}  // namespace orrery
