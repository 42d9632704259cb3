// SPDX-License-Identifier: Apache-2.0

/// When a server may be asked again (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Returns the seconds to wait from `now`, in seconds since 1970, that `value` asks for, as a number or a date.
    ///
    /// A date is relative to `date`, the response's own `Date` field, if there is one, because clocks differ. Returns
    /// nil if `value` is neither, and 0 for a date in the past.
    static func seconds(_ value: String, date: String?, now: Int) -> Int? {
        if let seconds = ResponseHead.number(value) { return seconds }
        guard let until = HTTPDate.seconds(value) else { return nil }
        return max(0, until - (date.flatMap(HTTPDate.seconds) ?? now))
    }
}

/// Dates in HTTP (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Returns seconds since 1970; nil if `text` has none of the three forms.
    package static func seconds(_ text: String) -> Int? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.lowercased().split { " ,-".contains($0) }
        guard words.count >= 5 else { return nil }
        // `Sun Nov  6 08:49:37 1994` has the month before the day, and the year last.
        let isAsctime = months.contains(String(words[1]))
        let (day, month) = isAsctime ? (words[2], words[1]) : (words[1], words[2])
        let (year, clock) = isAsctime ? (words[4], words[3]) : (words[3], words[4])
        let time = clock.split(separator: ":", omittingEmptySubsequences: false).map(number)
        guard let day = number(day), (1...31).contains(day), let month = months.firstIndex(of: String(month)),
            let year = number(year), time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = days(year: year < 70 ? year + 2000 : year < 100 ? year + 1900 : year, month: month + 1, day: day)
        return days * 86_400 + hour * 3_600 + minute * 60 + second
    }

    /// Parses at most four digits.
    private static func number(_ text: Substring) -> Int? { text.utf8.count <= 4 ? ResponseHead.number(text) : nil }

    /// Returns days since 1970 in the Gregorian calendar. Years start in March, so the leap day is the last day.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
