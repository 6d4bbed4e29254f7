// What `wordline fab stack` and `wordline fab cost` share: the file that is asked about, the samples, and how both are
// told.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "args.h"
#include "report_parts.h"
#include "wordline/core/catalog.h"
#include "wordline/fab/cost.h"

namespace wordline::cli {

struct StudyOptions {
  std::string subject;  // a name of the catalogue, or a file
  std::uint64_t samples = 2000;
  std::string distribution = "pert";
  std::optional<std::filesystem::path> report;

  void add_to(Args& args, const std::string& name, const std::string& help);
  // The catalogue with the subject's file and --set in it, and the name that the file has there.
  std::string put_into(core::Catalog& catalog, const std::string& kind, const Common& common) const;
  // Throws core::UsageError for no samples.
  fab::Drawing drawing(const Common& common) const;
};

// "hbm3-8h dram.area" of fab/stacks/hbm3-8h; an input of the file that is asked about has its key alone.
std::string called(const fab::Origin& origin, const std::string& subject);
// A range as its file has it ("76 mm2 .. 100 mm2 .. 121 mm2").
std::string as_stated(const core::Facts& facts, const fab::Origin& origin);

// {"name", "low" .. "high" as stated, "at_low", "at_high"}, percentiles 5 to 95 of each answer, seed and samples.
void put_study(Json& document, const fab::Study& study, const core::Facts& facts, const std::string& subject);
Json lines_json(const std::vector<fab::CostLine>& lines);
Json steps_json(const std::vector<fab::StackStep>& steps);

// Whole things: "12,345", "5.75 million".
std::string count(double n);
// "96.0 to 158 in nine of ten draws, 120 in the middle".
std::string nine_of_ten(const fab::Answer& answer);
// "123 (drawn 140, 96.0 to 158)": at mid; the median, the 5th and the 95th percentile of the draws.
std::string spread(const fab::Answer& answer);
// The inputs that matter most, one a line.
std::string tornado_text(const fab::Study& study, const core::Facts& facts, const std::string& subject);
std::string lines_text(const std::vector<fab::CostLine>& lines);

// Sections of a report: a bar for each line, good and lost; the inputs' bars; what was drawn of the first answer.
Json lines_section(const std::vector<fab::CostLine>& lines, const std::string& text);
Json tornado_section(const fab::Study& study, const core::Facts& facts, const std::string& subject);
Json drawn_section(const fab::Study& study, const std::string& of);

}  // namespace wordline::cli
