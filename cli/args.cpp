#include "args.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <deque>

#include "wordline/core/error.h"
#include "wordline/core/progress.h"

namespace wordline::cli {

struct Args::Node {
  CLI::App* app = nullptr;
  std::unique_ptr<CLI::App> owned;  // the program's only
  std::shared_ptr<Common> common;
  std::function<int()> run;
  std::deque<std::unique_ptr<Args>> children;
};

namespace {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// The innermost command that the words reached.
CLI::App* innermost(CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return app;
}

std::string full_name(const CLI::App* app) {
  return app->get_parent() ? full_name(app->get_parent()) + " " + app->get_name() : app->get_name();
}

// The names that could have been meant at this place: options for a word with a dash, else subcommands.
std::vector<std::string> known_names(CLI::App* app, bool dashed) {
  std::vector<std::string> names;
  if (dashed) {
    for (const CLI::Option* option : app->get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  } else {
    for (const CLI::App* child : app->get_subcommands({})) names.push_back(child->get_name());
  }
  return names;
}

// What CLI11 found wrong, in our words where a name was not understood.
std::string explain(CLI::App& program, const CLI::ParseError& error) {
  CLI::App* app = innermost(&program);
  const std::string help = fmt::format("; `{} --help` lists what there is", full_name(app));
  const auto unknown = program.remaining(true);
  if (unknown.empty()) return error.what() + help;
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const bool dashed = word.starts_with("-");
  const bool extra = !dashed && app->get_subcommands({}).empty();
  const std::string nearest = core::nearest_name(word, known_names(app, dashed));
  return fmt::format("{} {} \"{}\"{}", full_name(app),
                     dashed ? "knows no option" : (extra ? "takes no further word" : "knows no command"), word,
                     nearest.empty() ? help : fmt::format("; did you mean \"{}\"?", nearest));
}

constexpr const char* common_group = "Common options";

void add_common(CLI::App& app, Common& common) {
  const auto add = [&app](const std::string& name, auto& into, const std::string& help, const std::string& value) {
    app.add_option(name, into, help)->option_text(value)->group(common_group);
  };
  add("--json", common.json, "write the result as JSON; - is standard output", "FILE");
  add("--csv", common.csv, "write the result's table as CSV; - is standard output", "FILE");
  add("--seed", common.seed, "seed of all random numbers", "N");
  add("--threads", common.threads, "threads to use; 0 is all cores. The result is the same on any number", "N");
  app.add_option("--set", common.settings, "replace one input by its dotted path (repeatable)")
      ->option_text("a.b=c")
      ->group(common_group)
      ->allow_extra_args(false);
  app.add_option("--catalog", common.catalogs, "a catalogue folder laid over the shipped one (repeatable)")
      ->option_text("DIR")
      ->group(common_group)
      ->allow_extra_args(false);
  app.add_flag("--quiet", common.quiet, "no words and no progress bar on standard error")->group(common_group);
}

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::choices(std::vector<std::string> names) {
  option_->check([names = std::move(names)](const std::string& value) {
    if (std::find(names.begin(), names.end(), value) != names.end()) return std::string();
    const std::string nearest = core::nearest_name(value, names);
    return fmt::format("found \"{}\"; wanted one of {}{}", value, fmt::join(names, ", "),
                       nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest));
  });
  return *this;
}

Option& Option::called(const std::string& value_name) {
  option_->option_text(value_name + (option_->get_required() ? " (required)" : ""));
  return *this;
}

Args::Args(const std::string& name, const std::string& help, const std::string& version) : node_(new Node) {
  node_->owned = std::make_unique<CLI::App>(help, name);
  node_->app = node_->owned.get();
  node_->common = std::make_shared<Common>();
  node_->app->require_subcommand(0, 1);  // one command a line: `list chip` has a word too many, not two commands
  node_->app->set_version_flag("--version", version);
  node_->app->get_formatter()->column_width(34);
}

Args::Args(std::unique_ptr<Node> node) : node_(std::move(node)) {}
Args::~Args() = default;

Args& Args::command(const std::string& name, const std::string& help) {
  auto node = std::make_unique<Node>();
  node->app = node_->app->add_subcommand(name, help)->require_subcommand(0, 1);
  node->common = node_->common;
  node_->children.emplace_back(new Args(std::move(node)));
  return *node_->children.back();
}

template <class T>
Option Args::option(const std::string& names, T& into, const std::string& help) {
  CLI::Option* added;
  if constexpr (std::is_same_v<T, bool>) {
    added = node_->app->add_flag(names, into, help);
  } else {
    added = node_->app->add_option(names, into, help);
    if constexpr (IsVector<T>::value)
      added->allow_extra_args(false);
    else if constexpr (!IsOptional<T>::value)
      added->capture_default_str();
  }
  return Option(added);
}

template <class T>
Option Args::positional(const std::string& name, T& into, const std::string& help) {
  return Option(node_->app->add_option(name, into, help));
}

void Args::footer(const std::string& text) { node_->app->footer(text); }

void Args::action(std::function<int()> run) {
  node_->run = std::move(run);
  add_common(*node_->app, *node_->common);
}

const Common& Args::common() const { return *node_->common; }

std::vector<std::string> Args::given() const {
  std::vector<std::string> words;
  for (const CLI::Option* option : node_->app->get_options()) {
    if (option->count() == 0 || option->get_group() == common_group) continue;
    const auto& names = option->get_lnames();
    for (const auto& value : option->results()) {
      if (option->get_expected_max() == 0)
        words.push_back("--" + names.front());
      else
        words.push_back(names.empty() ? value : fmt::format("--{}={}", names.front(), value));
    }
  }
  return words;
}

int Args::run(int argc, const char* const* argv) {
  try {
    node_->app->parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help or --version
    return node_->app->exit(asked);
  } catch (const CLI::ParseError& error) {
    throw core::UsageError(explain(*node_->app, error));
  }
  Args* chosen = this;
  const CLI::App* reached = innermost(node_->app);
  while (chosen->node_->app != reached)
    for (auto& child : chosen->node_->children)
      if (child->node_->app->parsed()) chosen = child.get();
  if (!chosen->node_->run) {
    std::fputs(reached->help(reached->get_parent() ? full_name(reached->get_parent()) : "").c_str(), stderr);
    throw core::UsageError(full_name(reached) + " needs one of its commands");
  }
  if (common().quiet) core::Progress::enable(false);
  return chosen->node_->run();
}

#define WORDLINE_INSTANTIATE(T)                                                \
  template Option Args::option<T>(const std::string&, T&, const std::string&); \
  template Option Args::positional<T>(const std::string&, T&, const std::string&);
WORDLINE_INSTANTIATE(int)
WORDLINE_INSTANTIATE(unsigned)
WORDLINE_INSTANTIATE(std::int64_t)
WORDLINE_INSTANTIATE(std::uint64_t)
WORDLINE_INSTANTIATE(double)
WORDLINE_INSTANTIATE(std::string)
WORDLINE_INSTANTIATE(std::filesystem::path)
WORDLINE_INSTANTIATE(std::optional<int>)
WORDLINE_INSTANTIATE(std::optional<unsigned>)
WORDLINE_INSTANTIATE(std::optional<std::int64_t>)
WORDLINE_INSTANTIATE(std::optional<std::uint64_t>)
WORDLINE_INSTANTIATE(std::optional<double>)
WORDLINE_INSTANTIATE(std::optional<std::string>)
WORDLINE_INSTANTIATE(std::optional<std::filesystem::path>)
WORDLINE_INSTANTIATE(std::vector<std::int64_t>)
WORDLINE_INSTANTIATE(std::vector<double>)
WORDLINE_INSTANTIATE(std::vector<std::string>)
WORDLINE_INSTANTIATE(std::vector<std::filesystem::path>)
#undef WORDLINE_INSTANTIATE
template Option Args::option<bool>(const std::string&, bool&, const std::string&);

}  // namespace wordline::cli
