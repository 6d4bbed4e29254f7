// Memory systems of known machines, catalog/memory/systems/NAME.toml.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/memory/front_end.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// A machine's memory with its controllers' settings and what stands in front of it.
struct NamedSystem {
  std::string name, title;
  System system;
  FrontEnd front_end;
};

// Throws core::InputError with place and nearest name.
NamedSystem load_named_system(const core::Catalog& catalog, const std::string& name,
                              const core::Location& asked_at = {});
// Its modules and controllers alone, for those who have a front end of their own. Throws as load_named_system.
System load_controllers(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});
// The front end alone where its cores load in order; nothing, and no number of it read, for other machines.
std::optional<FrontEnd> load_cores_in_order(const core::Catalog& catalog, const std::string& name,
                                            const core::Location& asked_at = {});

// The same controllers before `count` modules of another kind. What those cannot carry out becomes the default of
// Settings: a refresh that their standard lacks, an address map of other levels, accesses that are no whole bursts.
System with_modules(System controllers, Module module, int count);

// What a command line asks for: a machine's memory by `system`, or `count` modules with the defaults of Settings and
// FrontEnd by `module`, with `settings` ("front_end.streams=4", "controller.page=closed") laid over its file. Exactly
// one of the names must not be empty, else core::UsageError.
NamedSystem system_or_module(core::Catalog& catalog, const std::string& system, const std::string& module, int count,
                             const std::vector<std::string>& settings = {}, const core::Location& asked_at = {});

}  // namespace wordline::memory
