// Timelines for ui.perfetto.dev: tracks with slices, instants and counters, in Perfetto's native TrackEvent protobuf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace wordline::core {

// Writes one file as it goes: beside the target under a temporary name, renamed by close(). Timestamps are whole
// nanoseconds; on one track they do not go back. Field numbers: perfetto/protos/perfetto/trace/ of Perfetto's source.
class Perfetto {
 public:
  // A track's number; 0 is none.
  using Track = std::uint64_t;
  // A named number that a slice or an instant carries.
  struct Note {
    template <class T>
    Note(std::string_view called, T number) : name(called), value(static_cast<double>(number)) {}
    std::string_view name;
    double value;
  };
  using Notes = std::initializer_list<Note>;

  // Throws InputError where the file cannot be written.
  explicit Perfetto(std::filesystem::path file);
  Perfetto(const Perfetto&) = delete;
  Perfetto& operator=(const Perfetto&) = delete;
  // Without close() nothing is left behind.
  ~Perfetto();

  // A new track under `parent`, after its elder siblings.
  Track track(std::string_view name, Track parent = 0);
  // The same for a number over time; `unit` is what the viewer shows behind it.
  Track counter(std::string_view name, std::string_view unit, Track parent = 0);

  // Slices of a track nest: end() closes the youngest.
  void begin(Track track, std::string_view name, std::int64_t ns, Notes notes = {});
  void end(Track track, std::int64_t ns);
  void instant(Track track, std::string_view name, std::int64_t ns, Notes notes = {});
  void count(Track track, std::int64_t value, std::int64_t ns);

  // Ends the file and puts it in its place. Throws InputError where it could not be written whole.
  void close();

 private:
  struct Names {
    std::map<std::string, std::uint64_t, std::less<>> ids;
    std::string fresh;  // entries of InternedData not yet written
  };
  Track describe(std::string_view name, Track parent, const std::string& counter);
  void event(Track track, int type, std::int64_t ns, std::string body, Notes notes);
  std::uint64_t intern(Names& names, int field, std::string_view name);
  void packet(const std::string& body);
  void flush();

  std::filesystem::path file_, temporary_;
  std::ofstream out_;
  std::string buffer_;
  Names event_names_, note_names_;
  Track last_ = 0;
  std::map<Track, int> children_;
  bool begun_ = false;
};

}  // namespace wordline::core
