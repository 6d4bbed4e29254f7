#include "wordline/core/perfetto.h"

#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "wordline/core/error.h"

namespace wordline::core {

namespace {

// Protobuf's wire types.
constexpr int varint = 0, fixed64 = 1, bytes = 2;

// Field numbers of the messages used.
namespace trace {
constexpr int packet = 1;
}
namespace packet_field {
constexpr int timestamp = 8, sequence_id = 10, track_event = 11, interned_data = 12, sequence_flags = 13,
              timestamp_clock_id = 58, track_descriptor = 60;
}
namespace descriptor {
constexpr int uuid = 1, name = 2, parent_uuid = 5, counter = 8, child_ordering = 11, sibling_order_rank = 12;
}
namespace counter_descriptor {
constexpr int unit_name = 6;
}
namespace track_event {
constexpr int debug_annotations = 4, type = 9, name_iid = 10, track_uuid = 11, name = 23, counter_value = 30;
}
namespace annotation {
constexpr int name_iid = 1, int_value = 4, double_value = 5;
}
namespace interned {
constexpr int event_names = 2, debug_annotation_names = 3;
constexpr int iid = 1, name = 2;  // of an entry
}  // namespace interned

constexpr int slice_begin = 1, slice_end = 2, instant_event = 3, counter_event = 4;
constexpr int explicit_order = 3;                          // TrackDescriptor.child_ordering
constexpr int state_cleared = 1, needs_state = 2;          // TracePacket.sequence_flags
constexpr std::uint64_t sequence = 1, boottime_clock = 6;  // the clock that Perfetto takes where none is named
constexpr std::size_t most_interned = 4096;                // names beyond are written out each time

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7f));
  out += static_cast<char>(value);
}

void put_tag(std::string& out, int field, int wire) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}

void put(std::string& out, int field, std::uint64_t value) {
  put_tag(out, field, varint);
  put_varint(out, value);
}

void put(std::string& out, int field, std::string_view value) {
  put_tag(out, field, bytes);
  put_varint(out, value.size());
  out += value;
}

void put_double(std::string& out, int field, double value) {
  put_tag(out, field, fixed64);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}

}  // namespace

Perfetto::Perfetto(std::filesystem::path file) : file_(std::move(file)) {
  std::error_code ignored;
  if (file_.has_parent_path()) std::filesystem::create_directories(file_.parent_path(), ignored);
  temporary_ = file_.string() + fmt::format(".{}.tmp", ::getpid());
  out_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!out_) throw InputError(fmt::format("{}: cannot be written: {}", file_.string(), std::strerror(errno)));
}

Perfetto::~Perfetto() {
  if (!out_.is_open()) return;
  out_.close();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void Perfetto::packet(const std::string& body) {
  put(buffer_, trace::packet, body);
  if (buffer_.size() > 1 << 20) flush();
}

void Perfetto::flush() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

Perfetto::Track Perfetto::describe(std::string_view name, Track parent, const std::string& counter) {
  const Track uuid = ++last_;
  std::string track;
  put(track, descriptor::uuid, uuid);
  put(track, descriptor::name, name);
  if (parent) put(track, descriptor::parent_uuid, parent);
  put(track, descriptor::child_ordering, std::uint64_t{explicit_order});
  put(track, descriptor::sibling_order_rank, static_cast<std::uint64_t>(children_[parent]++));
  if (!counter.empty()) put(track, descriptor::counter, counter);
  std::string body;
  put(body, packet_field::sequence_id, sequence);
  put(body, packet_field::track_descriptor, track);
  packet(body);
  return uuid;
}

Perfetto::Track Perfetto::track(std::string_view name, Track parent) { return describe(name, parent, ""); }

Perfetto::Track Perfetto::counter(std::string_view name, std::string_view unit, Track parent) {
  std::string counter;
  put(counter, counter_descriptor::unit_name, unit);
  return describe(name, parent, counter);
}

// The id of a name, or 0 where there are too many already.
std::uint64_t Perfetto::intern(Names& names, int field, std::string_view name) {
  const auto found = names.ids.find(name);
  if (found != names.ids.end()) return found->second;
  if (names.ids.size() >= most_interned) return 0;
  const std::uint64_t id = names.ids.size() + 1;
  names.ids.emplace(name, id);
  std::string entry;
  put(entry, interned::iid, id);
  put(entry, interned::name, name);
  put(names.fresh, field, entry);
  return id;
}

void Perfetto::event(Track track, int type, std::int64_t ns, std::string body, Notes notes) {
  put(body, track_event::type, static_cast<std::uint64_t>(type));
  put(body, track_event::track_uuid, track);
  for (const Note& note : notes) {
    std::string text;
    put(text, annotation::name_iid, intern(note_names_, interned::debug_annotation_names, note.name));
    const auto whole = static_cast<std::int64_t>(note.value);
    if (static_cast<double>(whole) == note.value)
      put(text, annotation::int_value, static_cast<std::uint64_t>(whole));
    else
      put_double(text, annotation::double_value, note.value);
    put(body, track_event::debug_annotations, text);
  }
  std::string all;
  put(all, packet_field::timestamp, static_cast<std::uint64_t>(ns));
  put(all, packet_field::timestamp_clock_id, boottime_clock);
  put(all, packet_field::sequence_id, sequence);
  put(all, packet_field::sequence_flags,
      static_cast<std::uint64_t>(begun_ ? needs_state : needs_state | state_cleared));
  begun_ = true;
  if (!event_names_.fresh.empty() || !note_names_.fresh.empty()) {
    put(all, packet_field::interned_data, event_names_.fresh + note_names_.fresh);
    event_names_.fresh.clear();
    note_names_.fresh.clear();
  }
  put(all, packet_field::track_event, body);
  packet(all);
}

void Perfetto::begin(Track track, std::string_view name, std::int64_t ns, Notes notes) {
  std::string body;
  const auto id = intern(event_names_, interned::event_names, name);
  id ? put(body, track_event::name_iid, id) : put(body, track_event::name, name);
  event(track, slice_begin, ns, std::move(body), notes);
}

void Perfetto::end(Track track, std::int64_t ns) { event(track, slice_end, ns, "", {}); }

void Perfetto::instant(Track track, std::string_view name, std::int64_t ns, Notes notes) {
  std::string body;
  const auto id = intern(event_names_, interned::event_names, name);
  id ? put(body, track_event::name_iid, id) : put(body, track_event::name, name);
  event(track, instant_event, ns, std::move(body), notes);
}

void Perfetto::count(Track track, std::int64_t value, std::int64_t ns) {
  std::string body;
  put(body, track_event::counter_value, static_cast<std::uint64_t>(value));
  event(track, counter_event, ns, std::move(body), {});
}

void Perfetto::close() {
  flush();
  out_.close();
  const std::string why = std::strerror(errno);
  if (!out_) {
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
    throw InputError(fmt::format("{}: cannot be written: {}", file_.string(), why));
  }
  std::filesystem::rename(temporary_, file_);
}

}  // namespace wordline::core
