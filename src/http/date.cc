#include "http/date.h"

#include <algorithm>

namespace sampan::http {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
// The short name of a day is the first three letters.
constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};
constexpr std::size_t short_name = 3;

constexpr std::int64_t seconds_of_day = 86'400;
constexpr std::int64_t last_year = 9999;  // four digits

// Days from 1 January of year 0 to that of `year` in the Gregorian calendar, which is prolonged backwards. Year 0 is a leap year.
constexpr std::int64_t days_before_year(std::int64_t year) noexcept {
  return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

constexpr std::int64_t days_to_1970 = days_before_year(1970);
constexpr std::int64_t first_second = -days_to_1970 * seconds_of_day;
constexpr std::int64_t last_second = (days_before_year(last_year + 1) - days_to_1970) * seconds_of_day - 1;

constexpr bool is_leap(std::int64_t year) noexcept {
  return days_before_year(year + 1) - days_before_year(year) == 366;
}

constexpr std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept {
  constexpr std::array<std::int64_t, 12> usual = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return usual[static_cast<std::size_t>(month)] + (month == 1 && is_leap(year) ? 1 : 0);
}

// Months and days count from 0 here.
struct civil {
  std::int64_t year = 0, month = 0, day = 0;
  std::int64_t second = 0;  // of the day
};

constexpr std::int64_t seconds_since_1970(const civil& date) noexcept {
  std::int64_t days = days_before_year(date.year) + date.day;
  for (std::int64_t month = 0; month < date.month; ++month) days += days_in_month(date.year, month);
  return (days - days_to_1970) * seconds_of_day + date.second;
}

// The year that the day lies in, and the day of that year, from 0. `days` count from year 0.
constexpr civil year_and_day(std::int64_t days) noexcept {
  std::int64_t year = days * 400 / days_before_year(400);  // a year off at most: leap days are spread unevenly
  while (days_before_year(year) > days) --year;
  while (days_before_year(year + 1) <= days) ++year;
  return {year, 0, days - days_before_year(year)};
}

// RFC 9110 5.6.7: a year of two digits that would be more than 50 years ahead is the latest past one with these digits.
std::int64_t full_year(civil date, std::int64_t now) noexcept {
  now = std::clamp(now, first_second, last_second);
  const auto this_year = year_and_day((now - first_second) / seconds_of_day).year;
  constexpr std::int64_t most_ahead = 50, century = 100;
  const auto last_possible = this_year + most_ahead;
  const auto year = last_possible - (last_possible + century - date.year) % century;
  if (year < last_possible) return year;
  // 50 years ahead by the calendar: the place within the year decides.
  date.year = this_year;
  return seconds_since_1970(date) > now ? year - century : year;
}

// Takes a date apart from its beginning; once something does not fit, `fits` stays false.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) noexcept {
    if (!rest_.starts_with(expected)) return give_up();
    rest_.remove_prefix(expected.size());
  }

  // So many digits, and a value within both ends.
  std::int64_t number(std::size_t digits, std::int64_t least, std::int64_t most) noexcept {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return give_up(), least;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    if (value < least || value > most) return give_up(), least;
    return value;
  }

  std::int64_t month() noexcept {
    const auto* const found = std::find(months.begin(), months.end(), rest_.substr(0, short_name));
    if (found == months.end()) return give_up(), 0;
    rest_.remove_prefix(short_name);
    return found - months.begin();
  }

  std::int64_t time_of_day() noexcept {
    constexpr std::int64_t leap_second = 60;
    const auto hour = number(2, 0, 23);
    literal(":");
    const auto minute = number(2, 0, 59);
    literal(":");
    return hour * 3600 + minute * 60 + number(2, 0, leap_second);
  }

  bool take(char c) noexcept {
    const bool there = rest_.starts_with(c);
    if (there) rest_.remove_prefix(1);
    return there;
  }

  bool fits_to_its_end() const noexcept { return fits_ && rest_.empty(); }

 private:
  void give_up() noexcept { fits_ = false; }

  std::string_view rest_;
  bool fits_ = true;
};

bool is_weekday(std::string_view name, bool in_full) noexcept {
  return std::any_of(weekdays.begin(), weekdays.end(),
                     [&](auto day) { return name == (in_full ? day : day.substr(0, short_name)); });
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept {
  const auto name_end = std::min(text.find_first_of(", "), text.size());
  const auto name = text.substr(0, name_end);
  scanner scan(text.substr(name_end));
  civil date;
  if (!scan.take(',')) {  // asctime-date
    if (!is_weekday(name, false)) return std::nullopt;
    scan.literal(" ");
    date.month = scan.month();
    scan.literal(" ");
    date.day = (scan.take(' ') ? scan.number(1, 1, 9) : scan.number(2, 1, 31)) - 1;
    scan.literal(" ");
    date.second = scan.time_of_day();
    scan.literal(" ");
    date.year = scan.number(4, 0, last_year);
  } else {
    const bool old = is_weekday(name, true);
    if (!old && !is_weekday(name, false)) return std::nullopt;
    const std::string_view between = old ? "-" : " ";
    scan.literal(" ");
    date.day = scan.number(2, 1, 31) - 1;
    scan.literal(between);
    date.month = scan.month();
    scan.literal(between);
    date.year = old ? scan.number(2, 0, 99) : scan.number(4, 0, last_year);
    scan.literal(" ");
    date.second = scan.time_of_day();
    scan.literal(" GMT");
    if (old) date.year = full_year(date, now);
  }
  const bool possible = scan.fits_to_its_end() && date.year >= 0 && date.year <= last_year &&
                        date.day < days_in_month(date.year, date.month);
  if (!possible) return std::nullopt;
  return std::min(seconds_since_1970(date), last_second);  // the leap second at the end of 9999 has no place
}

std::array<char, date_length> format_date(std::int64_t seconds) noexcept {
  const auto since_year_0 = std::clamp(seconds, first_second, last_second) - first_second;
  const auto days = since_year_0 / seconds_of_day;
  civil date = year_and_day(days);
  while (date.day >= days_in_month(date.year, date.month)) date.day -= days_in_month(date.year, date.month++);
  const auto second = since_year_0 % seconds_of_day;

  std::array<char, date_length> out{};
  auto* at = out.begin();
  const auto put = [&](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  const auto digits = [&](std::int64_t value, int count) {
    for (int i = count; i > 0; --i, value /= 10) at[i - 1] = static_cast<char>('0' + value % 10);
    at += count;
  };
  constexpr std::int64_t first_weekday = 6;  // 1 January of year 0 was a Saturday
  put(weekdays[static_cast<std::size_t>((days + first_weekday) % 7)].substr(0, short_name));
  put(", ");
  digits(date.day + 1, 2);
  put(" ");
  put(months[static_cast<std::size_t>(date.month)]);
  put(" ");
  digits(date.year, 4);
  put(" ");
  digits(second / 3600, 2);
  put(":");
  digits(second / 60 % 60, 2);
  put(":");
  digits(second % 60, 2);
  put(" GMT");
  return out;
}

}  // namespace sampan::http
