// Recorded workloads as they are published.
#pragma once

#include <filesystem>

#include "wordline/serve/request.h"

namespace wordline::serve {

// Longest prompt or answer that a trace may ask for; anything above is taken for a broken file.
inline constexpr std::int64_t longest_request_tokens = 10'000'000;

// Reads a CSV file (`.gz` and `.zst` unpacked, CRLF, BOM and a missing last newline accepted) with either the columns
// of the Azure LLM inference trace (TIMESTAMP,ContextTokens,GeneratedTokens; arrivals then count from the first row) or
// arrival_s,prompt_tokens,output_tokens. Rows must be in order of arrival.
// Missing columns, unsorted, negative or absurd values throw core::InputError with file, line and column.
Workload read_trace(const std::filesystem::path& file);

}  // namespace wordline::serve
