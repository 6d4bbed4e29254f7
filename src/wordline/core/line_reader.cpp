#include "wordline/core/line_reader.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace wordline::core {

namespace fs = std::filesystem;

// The file's bytes, unpacked, a piece at a time.
class LineReader::Bytes {
 public:
  Bytes(const fs::path& file, std::string name) : name_(std::move(name)), packed_(1 << 16) {
    if (fs::is_directory(file)) throw InputError(fmt::format("{}: found a folder; wanted a file", name_));
    file_.reset(std::fopen(file.c_str(), "rb"));
    if (!file_) throw InputError(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    fill();
    const std::string_view start(packed_.data(), left_);
    if (start.starts_with("\x1f\x8b")) {
      if (inflateInit2(&gzip_, 15 + 16) != Z_OK) throw std::runtime_error("zlib cannot start");
      form_ = Form::gzip;
    } else if (start.starts_with("\x28\xb5\x2f\xfd")) {
      zstd_.reset(ZSTD_createDStream());
      form_ = Form::zstd;
    }
  }
  ~Bytes() {
    if (form_ == Form::gzip) inflateEnd(&gzip_);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  // Writes up to `size` bytes; 0 only at the end.
  std::size_t read(char* into, std::size_t size) {
    std::size_t got = 0;
    while (got == 0 && (left_ > 0 || fill() || pending_))
      got = form_ == Form::gzip ? gunzip(into, size) : form_ == Form::zstd ? unzstd(into, size) : copy(into, size);
    if (got == 0 && unfinished_) damaged();
    return got;
  }

 private:
  enum class Form { plain, gzip, zstd };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  [[noreturn]] void damaged() const {
    throw InputError(fmt::format("{}: found a damaged or truncated {} file; wanted a whole one", name_,
                                 form_ == Form::gzip ? "gzip" : "zstd"));
  }
  bool fill() {
    at_ = 0;
    // What is there, without waiting for more: a line from a pipe is answered when it comes.
    const auto got = ::read(::fileno(file_.get()), packed_.data(), packed_.size());
    left_ = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    if (got < 0) throw InputError(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    return left_ > 0;
  }
  void took(std::size_t bytes) {
    at_ += bytes;
    left_ -= bytes;
  }
  std::size_t copy(char* into, std::size_t size) {
    size = std::min(size, left_);
    std::memcpy(into, packed_.data() + at_, size);
    took(size);
    return size;
  }
  std::size_t gunzip(char* into, std::size_t size) {
    if (!unfinished_) inflateReset(&gzip_);  // the first, or a further member of the file
    gzip_.next_in = reinterpret_cast<Bytef*>(packed_.data() + at_);
    gzip_.avail_in = static_cast<uInt>(left_);
    gzip_.next_out = reinterpret_cast<Bytef*>(into);
    gzip_.avail_out = static_cast<uInt>(size);
    const int status = inflate(&gzip_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) damaged();
    took(left_ - gzip_.avail_in);
    unfinished_ = status != Z_STREAM_END;
    pending_ = unfinished_ && gzip_.avail_out == 0;
    return size - gzip_.avail_out;
  }
  std::size_t unzstd(char* into, std::size_t size) {
    ZSTD_inBuffer in{packed_.data() + at_, left_, 0};
    ZSTD_outBuffer out{into, size, 0};
    const std::size_t more = ZSTD_decompressStream(zstd_.get(), &out, &in);
    if (ZSTD_isError(more)) damaged();
    took(in.pos);
    unfinished_ = more != 0;
    pending_ = unfinished_ && out.pos == out.size;
    return out.pos;
  }

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<char> packed_;
  std::size_t at_ = 0, left_ = 0;
  Form form_ = Form::plain;
  bool unfinished_ = false;  // in the middle of a gzip member or a zstd frame
  bool pending_ = false;     // there may be output without further input
  z_stream gzip_{};
  std::unique_ptr<ZSTD_DStream, Close> zstd_;
};

LineReader::LineReader(const fs::path& file)
    : name_(std::make_shared<const std::string>(file.string())),
      bytes_(std::make_unique<Bytes>(file == "-" ? "/dev/stdin" : file, *name_)) {}
LineReader::~LineReader() = default;

bool LineReader::refill() {
  constexpr std::size_t piece = 1 << 16, longest = 1 << 20;
  buffer_.erase(0, at_);
  at_ = 0;
  if (buffer_.size() > longest) throw InputError({name_, number_ + 1, 1}, "a line of more than 1 MiB", "a shorter one");
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + piece);
  const std::size_t got = bytes_->read(buffer_.data() + kept, piece);
  buffer_.resize(kept + got);
  return got > 0;
}

std::optional<std::string_view> LineReader::next() {
  std::size_t end = buffer_.find('\n', at_);
  while (end == std::string::npos) {
    const std::size_t searched = buffer_.size() - at_;
    const bool more = refill();
    end = buffer_.find('\n', searched);
    if (!more) break;
  }
  if (end == std::string::npos && at_ == buffer_.size()) return std::nullopt;
  const std::size_t stop = std::min(end, buffer_.size());
  line_ = std::string_view(buffer_).substr(at_, stop - at_);
  at_ = std::min(stop + 1, buffer_.size());
  ended_ = end != std::string::npos;
  ++number_;
  return line_;
}

Location LineReader::where(std::string_view word) const {
  return {name_, number_, static_cast<int>(word.data() - line_.data()) + 1};
}

}  // namespace wordline::core
