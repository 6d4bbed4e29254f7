// Reads a Perfetto trace back with a decoder of its own: only what protobuf's encoding page says, and the field numbers
// of perfetto's .proto files.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace wordline::testing {

// A message as its fields in order; a field of wire type 2 is kept as bytes.
struct Field {
  int number;
  std::uint64_t value = 0;
  std::string bytes;
};

inline std::vector<Field> fields_of(const std::string& message) {
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      if (at >= message.size() || shift > 63) throw std::runtime_error("a varint without end");
      const auto byte = static_cast<unsigned char>(message[at++]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  };
  std::vector<Field> out;
  while (at < message.size()) {
    const std::uint64_t tag = varint();
    Field field{static_cast<int>(tag >> 3), 0, ""};
    const auto take = [&](std::size_t n) {
      if (n > message.size() - at) throw std::runtime_error("a field beyond its message");
      at += n;
      return message.substr(at - n, n);
    };
    switch (tag & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.bytes = take(8);
        std::memcpy(&field.value, field.bytes.data(), 8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      default:
        throw std::runtime_error("an unknown wire type");
    }
    out.push_back(field);
  }
  return out;
}

struct DecodedTrack {
  std::string name;
  std::uint64_t parent = 0, rank = 0;
  bool counter = false;
};
struct DecodedEvent {
  std::uint64_t track = 0, type = 0, ns = 0;
  std::int64_t count = 0;
  std::string name;
  std::map<std::string, double> notes;
};
struct DecodedTrace {
  std::map<std::uint64_t, DecodedTrack> tracks;
  std::vector<DecodedEvent> events;

  // "channel 0/rank 0/bank 3"
  std::string path(std::uint64_t track) const {
    const DecodedTrack& it = tracks.at(track);
    return it.parent ? path(it.parent) + "/" + it.name : it.name;
  }
};

// Throws where the trace breaks a rule that Perfetto's importer relies on: every packet on a sequence, names interned
// before they are used, slices closed in order and in time.
inline DecodedTrace decode_perfetto(const std::string& file) {
  DecodedTrace out;
  std::map<std::uint64_t, std::string> names, note_names;
  std::map<std::uint64_t, int> depth;
  std::map<std::uint64_t, std::uint64_t> last;
  const auto intern = [](const std::string& entry, auto& into) {
    std::uint64_t id = 0;
    std::string name;
    for (const Field& f : fields_of(entry)) f.number == 1 ? void(id = f.value) : void(name = f.bytes);
    into[id] = name;
  };
  for (const Field& packet : fields_of(file)) {
    if (packet.number != 1) throw std::runtime_error("something else than a packet");
    DecodedEvent event;
    bool is_event = false, on_sequence = false;
    for (const Field& field : fields_of(packet.bytes)) {
      if (field.number == 10) on_sequence = field.value > 0;
      if (field.number == 8) event.ns = field.value;
      if (field.number == 12)
        for (const Field& f : fields_of(field.bytes)) {
          if (f.number == 2) intern(f.bytes, names);
          if (f.number == 3) intern(f.bytes, note_names);
        }
      if (field.number == 60) {
        std::uint64_t uuid = 0;
        DecodedTrack track;
        for (const Field& f : fields_of(field.bytes)) {
          if (f.number == 1) uuid = f.value;
          if (f.number == 2) track.name = f.bytes;
          if (f.number == 5) track.parent = f.value;
          if (f.number == 8) track.counter = true;
          if (f.number == 12) track.rank = f.value;
        }
        if (track.parent && !out.tracks.count(track.parent)) throw std::runtime_error("a track before its parent");
        out.tracks[uuid] = track;
      }
      if (field.number == 11) {
        is_event = true;
        for (const Field& f : fields_of(field.bytes)) {
          if (f.number == 9) event.type = f.value;
          if (f.number == 10) event.name = names.at(f.value);
          if (f.number == 23) event.name = f.bytes;
          if (f.number == 11) event.track = f.value;
          if (f.number == 30) event.count = static_cast<std::int64_t>(f.value);
          if (f.number != 4) continue;
          std::string name;
          double value = 0;
          for (const Field& n : fields_of(f.bytes)) {
            if (n.number == 1) name = note_names.at(n.value);
            if (n.number == 4) value = static_cast<double>(static_cast<std::int64_t>(n.value));
            if (n.number == 5) std::memcpy(&value, n.bytes.data(), 8);
          }
          event.notes[name] = value;
        }
      }
    }
    if (!on_sequence) throw std::runtime_error("a packet without a sequence");
    if (!is_event) continue;
    if (!out.tracks.count(event.track)) throw std::runtime_error("an event on no track");
    if (event.ns < last[event.track]) throw std::runtime_error("a track on which time goes back");
    last[event.track] = event.ns;
    if (event.type == 1) ++depth[event.track];
    if (event.type == 2 && --depth[event.track] < 0) throw std::runtime_error("an end without a beginning");
    if ((event.type == 4) != out.tracks[event.track].counter) throw std::runtime_error("a count on no counter");
    out.events.push_back(event);
  }
  for (const auto& [track, open] : depth)
    if (open) throw std::runtime_error("a slice without end on " + out.path(track));
  return out;
}

}  // namespace wordline::testing
