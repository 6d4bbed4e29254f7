#include "wordline/core/files.h"

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "wordline/core/error.h"

namespace wordline::core {

namespace fs = std::filesystem;

namespace {

std::string gunzipped(const std::string& packed, const std::string& name) {
  std::string out;
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("zlib cannot start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  char buffer[1 << 16];
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    const int status = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      inflateReset(&stream);  // a file of several gzip members
    } else if (status != Z_OK) {
      throw InputError(fmt::format("{}: found a damaged or truncated gzip file after {} bytes; wanted a whole one",
                                   name, out.size()));
    }
  }
}

std::string unzstd(const std::string& packed, const std::string& name) {
  std::string out;
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  char buffer[1 << 16];
  std::size_t left = 1;
  while (in.pos < in.size || left > 0) {
    ZSTD_outBuffer unpacked{buffer, sizeof buffer, 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(stream.get(), &unpacked, &in);
    if (ZSTD_isError(left) || (in.pos == before && unpacked.pos == 0 && left > 0))
      throw InputError(fmt::format("{}: found a damaged or truncated zstd file; wanted a whole one", name));
    out.append(buffer, unpacked.pos);
    if (in.pos == in.size && unpacked.pos == 0) break;
  }
  return out;
}

}  // namespace

std::string read_text(const fs::path& file) {
  if (fs::is_directory(file)) throw InputError(fmt::format("{}: found a folder; wanted a file", file.string()));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InputError(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (text.starts_with("\x1f\x8b")) return gunzipped(text, file.string());
  if (text.starts_with("\x28\xb5\x2f\xfd")) return unzstd(text, file.string());
  return text;
}

void write_text(const fs::path& file, std::string_view text) {
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return;
  }
  std::error_code ignored;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
  static std::atomic<unsigned> count{0};  // two threads may write one file at once, as two processes may
  const fs::path temporary = file.string() + fmt::format(".{}-{}.tmp", ::getpid(), count++);
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) {
      const std::string why = std::strerror(errno);
      fs::remove(temporary, ignored);
      throw InputError(fmt::format("{}: cannot be written: {}", file.string(), why));
    }
  }
  std::error_code error;
  fs::rename(temporary, file, error);
  if (error) {
    fs::remove(temporary, ignored);
    throw InputError(fmt::format("{}: cannot be written: {}", file.string(), error.message()));
  }
}

std::string content_hash(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Cache::Cache() {
  if (const char* own = std::getenv("WORDLINE_CACHE"); own && *own)
    folder_ = own;
  else if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg)
    folder_ = fs::path(xdg) / "wordline";
  else if (const char* home = std::getenv("HOME"); home && *home)
    folder_ = fs::path(home) / ".cache" / "wordline";
}

std::optional<std::string> Cache::get(const std::string& kind, const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream in(folder_ / kind / key, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  // The first line is the checksum of the rest.
  if (text.size() < 33 || text[32] != '\n') return std::nullopt;
  const std::string body = text.substr(33);
  if (content_hash(body) != text.substr(0, 32)) return std::nullopt;
  return body;
}

void Cache::put(const std::string& kind, const std::string& key, std::string_view text) const {
  if (folder_.empty()) return;
  try {
    write_text(folder_ / kind / key, content_hash(text) + "\n" + std::string(text));
  } catch (const std::exception&) {
    return;  // a cache that cannot be written only costs time
  }
}

}  // namespace wordline::core
