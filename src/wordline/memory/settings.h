// How the controller of each channel behaves: queue sizes, watermarks, policies by name.
#pragma once

#include <string>

namespace wordline::memory {

// One queue pair for each data bus (a pseudochannel, a sub-channel). Policies are files of policy/<kind>/; a name is
// its file's with hyphens for underscores.
struct Settings {
  int read_queue = 64, write_queue = 64;  // entries, at most 1024
  int write_high = 48, write_low = 16;    // writes drain from `high` queued down to `low`
  int age_cap_clocks = 4000;              // an access older than this may close a row that others still hit
  std::string scheduler = "fr-fcfs";      // fr-fcfs, fcfs, bank-round-robin
  std::string page = "open";              // open, closed, timeout, adaptive
  int page_timeout_clocks = 200;          // of timeout: an idle row is closed; of adaptive: where it begins
  std::string refresh = "all-bank";       // none, all-bank, per-bank (REFpb, REFsb)
  int postponed_refreshes = 0;            // at most so many stay owed while their banks have work
  int pulled_in_refreshes = 1;            // at most so many come early while their banks have none
  bool refreshes_spread = false;  // channels begin their refreshes one after the other through tREFI; else all in step
  double refresh_phase = 0;       // of one channel, in tREFI: how much later it begins; set by Channel
  std::string address_map = "interleaved";
  int access_bytes = 0;  // that one access moves: 32 to 4096, whole bursts; 0: 64, or a burst where that is longer

  // Throws core::UsageError where a value makes no sense.
  void check() const;
};

}  // namespace wordline::memory
