#include "server/decide.h"

namespace sampan::serving {

void decide(const asked& request, const http::validators& current, std::uint64_t size, std::int64_t now, plan& out) {
  out.status = 200;
  out.ranges.clear();
  switch (http::evaluate(request.conditions, current, now)) {
    case http::verdict::not_modified: out.status = 304; return;
    case http::verdict::failed: out.status = 412; return;
    case http::verdict::proceed: break;
  }
  if (request.head || request.range.data() == nullptr) return;
  if (!http::range_applies(request.conditions, current, now)) return;
  switch (http::select_ranges(request.range, size, out.ranges)) {
    case http::selection::whole: return;
    case http::selection::partial: out.status = 206; return;
    case http::selection::unsatisfiable: out.status = 416; return;
  }
}

}  // namespace sampan::serving
