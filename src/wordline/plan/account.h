// Where a replica's time and energy go, kernel by kernel, for each token that it answers with.
#pragma once

#include <string>
#include <vector>

#include "wordline/model/deployment.h"
#include "wordline/serve/result.h"

namespace wordline::plan {

// One kernel or transfer of the model, in its share of a token.
struct AccountLine {
  std::string name;
  core::Seconds time;   // of the replica
  core::Joules joules;  // of all its chips
  std::string bound;    // what bounds most of its time
};

// The account of a run: `lines` in the order of the model, `waiting` what is left of the time between tokens (host
// work, no request there), all per output token of the replica.
struct Account {
  std::vector<AccountLine> lines;
  core::Seconds waiting;
  core::Joules waiting_joules;
};

// Takes the run's steps to be of two shapes: decoding alone, and decoding with the prompts that came (their mean
// number, mean length), both at the run's mean batch and context; scaled to the run's own step time.
Account account_of(const model::Deployment& deployment, const serve::Result& run);

}  // namespace wordline::plan
