// What the readers of traces share: checked values, and rows put in order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wordline/core/csv.h"
#include "wordline/core/document.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {

// One row: its request, and where its arrival stands in the file.
struct Row {
  Request request;
  int line = 0, column = 0;
};

// The rows of a file as they are read.
struct Rows {
  std::string form;
  bool timed = true;
  std::vector<Row> rows;
  std::vector<std::string> warnings;
};

// A count of tokens, from 1 to longest_request_tokens; anything else throws at `where`.
std::int32_t checked_tokens(std::int64_t count, const core::Location& where);

// "1 row", "2 rows".
std::string counted(std::size_t count, const char* thing);

// Rows of a CSV or JSON text, and what they say besides; rows need no order yet.
Rows rows_of_csv(const core::Csv& csv);
Rows rows_of_json(std::string_view text, const std::string& name, const TraceOptions& options);

}  // namespace wordline::serve
