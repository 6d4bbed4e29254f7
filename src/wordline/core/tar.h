// The files in a tar archive.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wordline::core {

// A regular file of an archive; `text` lies in the archive's.
struct TarFile {
  std::string path;
  std::string_view text;
};

// Whether a text begins as a tar archive does (POSIX.1-1988 ustar, or GNU's).
bool is_tar(std::string_view text);
// Its regular files in their order; long names of GNU (type L) and of POSIX.1-2001 (pax `path`) are read. A truncated
// or damaged archive throws InputError; `name` is what messages call it.
std::vector<TarFile> files_of_tar(std::string_view archive, const std::string& name);

}  // namespace wordline::core
