// Open page: a row stays open until an access needs another one, or a refresh.
#include "wordline/memory/policy/page/page.h"

namespace wordline::memory::policy::page {

const PagePolicy open{};

}  // namespace wordline::memory::policy::page
