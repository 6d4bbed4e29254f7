// Closed page: the last access that waits for a row closes it behind itself.
#include "wordline/memory/policy/page/page.h"

namespace wordline::memory::policy::page {

const PagePolicy closed{.auto_precharge = true};

}  // namespace wordline::memory::policy::page
