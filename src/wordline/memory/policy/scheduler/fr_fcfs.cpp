// First ready, first come first served (Rixner et al., ISCA 2000): of the commands that can go now the one for the
// access with the highest priority, then the oldest.
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

const SchedulerPolicy fr_fcfs{.choose = oldest_ready, .oldest_ready = true};

}  // namespace wordline::memory::policy::scheduler
