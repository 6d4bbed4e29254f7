// First come first served: the oldest access of the active direction alone gets commands.
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

const SchedulerPolicy fcfs{.choose = oldest_ready, .oldest_ready = true, .only_oldest = true};

}  // namespace wordline::memory::policy::scheduler
