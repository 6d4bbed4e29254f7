// The command line: options, positionals and nested subcommands, as a thin facade over CLI11 (only args.cpp includes
// it).
//
//   void add_memory(Args& program) {
//     Args& run = program.command("memory", "the memory alone").command("run", "one pattern through one module");
//     auto options = std::make_shared<Options>();            // outlives the parse
//     run.option("--module", options->module, "module from the catalogue").required();
//     run.action([options, &common = run.common()] { return run_memory(*options, common); });
//   }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace wordline::cli {

// What every command takes; filled in when its action runs.
struct Common {
  std::optional<std::filesystem::path> json, csv;  // where the result goes; "-" is standard output
  std::optional<std::uint64_t> seed;
  unsigned threads = 0;               // 0: all cores
  std::vector<std::string> settings;  // "a.b=c", for core::set_value
  bool quiet = false;                 // no words, no progress bar; errors are still told
  std::vector<std::filesystem::path> catalogs;
};

// One option or positional just added, for what is said about it after its text.
class Option {
 public:
  Option& required();
  // The value must be one of these; others are refused with the nearest.
  Option& choices(std::vector<std::string> names);
  // What the help calls the value, e.g. "CLOCKS".
  Option& called(const std::string& value_name);

  explicit Option(CLI::Option* option) : option_(option) {}

 private:
  CLI::Option* option_;
};

// One command: the program itself, or a subcommand. Lives as long as the program's.
class Args {
 public:
  Args(const std::string& name, const std::string& help, const std::string& version);
  ~Args();
  Args(const Args&) = delete;
  Args& operator=(const Args&) = delete;

  Args& command(const std::string& name, const std::string& help);

  // "--name" or "-n,--name" into a variable that outlives the parse; its value now is the default that the help shows.
  // T: bool (a flag), int, int64_t, uint64_t, unsigned, double, string, path, optional of those, vector of string,
  // int64_t, double or path (the option repeated, one value each time).
  template <class T>
  Option option(const std::string& names, T& into, const std::string& help);
  // By place instead of by name; a vector takes all that are left.
  template <class T>
  Option positional(const std::string& name, T& into, const std::string& help);
  // Text after the help's options: an example, say.
  void footer(const std::string& text);

  // What the command does, and its exit code. A command with an action takes the common options.
  void action(std::function<int()> run);
  const Common& common() const;
  // After parsing: this command's own options and positionals (not the common ones) that were given, as words that give
  // them again, in the order of the help.
  std::vector<std::string> given() const;

  // Parses and runs the action of the command that was asked for. UsageError is told with the nearest known name.
  int run(int argc, const char* const* argv);

 private:
  struct Node;
  explicit Args(std::unique_ptr<Node> node);
  std::unique_ptr<Node> node_;
};

}  // namespace wordline::cli
