// The program `wordline`: one file per subcommand beside this one, found by the build.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "args.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

#define WORDLINE_COMMAND(stem) void add_##stem(Args&);
#include "wordline/cli/commands.inc"
#undef WORDLINE_COMMAND

namespace {

constexpr int exit_internal = 70;  // EX_SOFTWARE of sysexits.h: a fault of ours, not of the input

int run(int argc, const char* const* argv) {
  Args program("wordline", "From the DRAM word line that opens a row to the word that a user reads.",
               fmt::format("wordline {} ({})", core::program_version(), core::program_commit()));
#define WORDLINE_COMMAND(stem) add_##stem(program);
#include "wordline/cli/commands.inc"
#undef WORDLINE_COMMAND
  program.footer("Exit codes: 0 done, 1 the answer is no, 2 usage, 3 bad input.");
  return program.run(argc, argv);
}

}  // namespace

}  // namespace wordline::cli

int main(int argc, char** argv) {
  namespace core = wordline::core;
  try {
    return wordline::cli::run(argc, argv);
  } catch (const core::UsageError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return core::exit_usage;
  } catch (const core::InputError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return core::exit_bad_input;
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\n", error.what());
    return wordline::cli::exit_internal;
  }
}
