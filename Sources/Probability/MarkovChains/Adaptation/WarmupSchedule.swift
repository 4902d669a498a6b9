/// When the warm-up learns what, as Stan's: a first buffer in which only the step size is tuned, then windows of double
/// length each, whose draws give the mass matrix anew, then a last buffer for the step size alone (Stan reference
/// manual, "HMC algorithm parameters"; 75, 25 and 50 iterations, in shorter warm-ups 15 %, 75 % and 10 %).
struct WarmupSchedule {
    /// Iterations of the first buffer; those from here up to the last window's end feed the mass matrix.
    let start: Int
    /// The iteration behind each window, ascending.
    let windowEnds: [Int]

    init(warmup: Int) {
        // Too short to learn a mass matrix.
        guard warmup >= 20 else {
            start = warmup
            windowEnds = []
            return
        }
        var (first, size, last) = (75, 25, 50)
        if first + size + last > warmup {
            first = warmup * 15 / 100
            last = warmup / 10
            size = warmup - first - last
        }
        let limit = warmup - last
        var ends: [Int] = []
        var begin = first
        while begin < limit {
            // A window that would leave less than its double behind it takes the rest too.
            let end = begin + 3 * size >= limit ? limit : begin + size
            ends.append(end)
            begin = end
            size *= 2
        }
        start = first
        windowEnds = ends
    }

    /// Whether the draw of this iteration, from 0, belongs to a window.
    func isInWindow(_ iteration: Int) -> Bool { iteration >= start && iteration < (windowEnds.last ?? 0) }

    /// Whether a window ends with this iteration.
    func endsWindow(_ iteration: Int) -> Bool { windowEnds.contains(iteration + 1) }
}
