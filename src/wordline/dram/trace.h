// Command traces as text: one line a command, "tick,command," and one field per level, then row and column.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::dram {

// A trace of one channel.
using CommandTrace = std::vector<Command>;

// The header line: "tick,command,pseudochannel,sid,bankgroup,bank,row,column" (the standard's own levels below
// channel).
std::string trace_header(const Standard& standard);
// One command as a line without its end; fields that the command has no use for are left empty.
std::string trace_line(const Standard& standard, const Command& command);
void write_trace(std::ostream& out, const Standard& standard, const CommandTrace& trace);
// Reads a trace back. Throws InputError with line and column for unknown commands, missing fields, fields out of range.
CommandTrace parse_trace(const Standard& standard, std::string text, const std::string& name);
CommandTrace read_trace(const Standard& standard, const std::filesystem::path& file);

}  // namespace wordline::dram
